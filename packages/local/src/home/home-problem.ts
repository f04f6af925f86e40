import { SlipwayError } from "@slipway/base";

const elsewhere = "Choose another directory with --home or SLIPWAY_HOME.";

/** A failed file operation on the home, said in one sentence with the way out. Errors that are not the file system's stay as they are. */
export function homeProblem(caught: unknown, directory: string): SlipwayError {
  if (caught instanceof SlipwayError) return caught;
  const details = (hint: string) => ({ hint, cause: caught });
  switch ((caught as NodeJS.ErrnoException | undefined)?.code) {
    case "EACCES":
    case "EPERM":
      return new SlipwayError(
        "forbidden",
        `The home ${directory} cannot be used: permission denied.`,
        details(`Give your user write permission, or choose another directory with --home or SLIPWAY_HOME.`),
      );
    case "EROFS":
      return new SlipwayError("storageFull", `The home ${directory} is on a read-only file system.`, details(elsewhere));
    case "ENOSPC":
    case "EDQUOT":
      return new SlipwayError(
        "storageFull",
        `The disk that holds the home ${directory} is full; nothing was changed.`,
        details(`Free some space, or choose another directory with --home or SLIPWAY_HOME.`),
      );
    case "ENOENT":
      return new SlipwayError(
        "invalid",
        `The home ${directory} cannot be made there: the file system does not allow it.`,
        details(elsewhere),
      );
    case "ENOTDIR":
    case "EEXIST":
      return new SlipwayError(
        "invalid",
        `The home ${directory} is not a directory, or a part of its path is not.`,
        details(elsewhere),
      );
    case "ENAMETOOLONG":
      return new SlipwayError(
        "invalid",
        `The path of the home ${directory} is too long for this file system.`,
        details(elsewhere),
      );
    case "EIO":
      return new SlipwayError(
        "internal",
        `The disk that holds the home ${directory} reports an error.`,
        details(`Check the disk, or choose another directory with --home or SLIPWAY_HOME.`),
      );
    default:
      return SlipwayError.from(caught);
  }
}
