import { SlipwayError } from "@slipway/base";

/** Runs `work`; what the operating system refuses becomes an error that says what to do. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (caught) {
    throw translate(caught);
  }
}

function translate(caught: unknown): SlipwayError {
  if (caught instanceof SlipwayError) return caught;
  const code = (caught as NodeJS.ErrnoException | undefined)?.code;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new SlipwayError("storageFull", "The disk of the bundle store is full; nothing was changed.", {
        hint: "Free some space, or use another home, and try again.",
        cause: caught,
      });
    case "EROFS":
      return new SlipwayError("storageFull", "The file system of the bundle store is read-only; nothing was changed.", {
        hint: "Use a home on a file system that can be written.",
        cause: caught,
      });
    case "EACCES":
    case "EPERM":
      return new SlipwayError("forbidden", "This user may not read or write the model directory or the bundle store.", {
        hint: "Check who owns the home and the model directory.",
        cause: caught,
      });
    case "EMFILE":
    case "ENFILE":
      return new SlipwayError("unavailable", "Too many files are open.", {
        hint: "Try again, or raise the limit of open files.",
        cause: caught,
      });
    default:
      return SlipwayError.from(caught);
  }
}
