import type { BigIntStats } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { type FieldProblem, SlipwayError } from "@slipway/base";
import { nameProblem, pathProblem } from "../manifest/file-path.ts";
import type { BundleLimits } from "./bundle-limits.ts";

/** A file found in a model directory. */
export interface FoundFile {
  /** Relative, with slashes. */
  readonly path: string;
  /** Where it is on this machine. */
  readonly location: string;
  readonly size: number;
  /** What it was when it was found; reading it later demands the same. */
  readonly stat: BigIntStats;
}

/** A model directory's files, sorted by path. */
export interface Scan {
  readonly files: readonly FoundFile[];
  readonly problems: readonly FieldProblem[];
}

/** What version control and desktops leave behind. Any other dotfile is refused: it may be a secret (`.env`), and dropping it in silence may break a model. */
const leftBehind = new Set([
  ".git",
  ".gitignore",
  ".gitattributes",
  ".gitkeep",
  ".hg",
  ".hgignore",
  ".svn",
  ".DS_Store",
  "Thumbs.db",
]);

/** Dotfiles that say something about a model and hold no secret. */
const taken = new Set([".python-version"]);

const setBits = 0o7000n;

/**
 * Lists the files of a model directory without reading or following any. Links, devices, FIFOs, sockets, set-uid files, dotfiles and names
 * that are not portable are problems, all told at once; too many or too large files throw `tooLarge`; no directory throws `notFound`.
 */
export async function scanDirectory(directory: string, limits: BundleLimits): Promise<Scan> {
  const root = await rootOf(directory);
  const files: FoundFile[] = [];
  const problems: FieldProblem[] = [];
  let total = 0;
  const report = (path: string, message: string) => {
    problems.push({ path, message, reason: "FieldValueForbidden" });
    if (problems.length >= 100) throw refused(problems);
  };

  const visit = async (folder: string, prefix: string, depth: number): Promise<void> => {
    if (depth > limits.depth)
      throw tooLarge(`folders are more than ${limits.depth} deep (at ${JSON.stringify(prefix.slice(0, 200))})`);
    const seen = new Map<string, string>();
    for (const name of (await readdir(folder)).sort()) {
      if (leftBehind.has(name)) continue;
      const path = prefix + name;
      const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
      const nameIssue = name.startsWith(".") && !taken.has(name) ? dotfileIssue : (nameProblem(name) ?? pathProblem(path));
      if (nameIssue !== undefined) {
        report(JSON.stringify(shown), `The name ${nameIssue}.`);
        continue;
      }
      const twin = seen.get(name.toLowerCase());
      if (twin !== undefined) report(shown, `The name differs from ${twin} only in case, which not every system allows.`);
      seen.set(name.toLowerCase(), name);

      const location = join(folder, name);
      const stat = await lstat(location, { bigint: true });
      if (stat.isDirectory()) {
        await visit(location, `${path}/`, depth + 1);
        continue;
      }
      const issue = kindIssue(stat);
      if (issue !== undefined) {
        report(shown, issue);
        continue;
      }
      const size = Number(stat.size);
      total += size;
      files.push({ path, location, size, stat });
      if (files.length > limits.files) throw tooLarge(`there are more than ${limits.files} files`);
      if (size > limits.fileBytes) throw tooLarge(`${shown} has ${size} bytes, more than ${limits.fileBytes}`);
      if (total > limits.totalBytes) throw tooLarge(`its files have more than ${limits.totalBytes} bytes`);
    }
  };
  await visit(root, "", 0);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, problems };
}

const dotfileIssue =
  "begins with a dot: such a file is neither shipped (it may hold a secret) nor dropped in silence; move it away";

async function rootOf(directory: string): Promise<string> {
  try {
    // The directory itself may be reached through a link: it is named by the user, and nothing of its name enters the bundle.
    const root = await realpath(directory);
    if ((await lstat(root)).isDirectory()) return root;
  } catch (caught) {
    if (!["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes((caught as NodeJS.ErrnoException).code ?? "")) throw caught;
    throw new SlipwayError("notFound", `There is no model directory ${JSON.stringify(directory)}.`, {
      hint: "Name a directory that holds a model.",
    });
  }
  throw new SlipwayError("invalid", `${JSON.stringify(directory)} is not a directory.`, {
    hint: "Name the directory that holds the model.",
  });
}

function kindIssue(stat: BigIntStats): string | undefined {
  if (stat.isSymbolicLink()) return "It is a symbolic link; put the file itself there.";
  if (!stat.isFile()) return "It is a device, FIFO or socket; only plain files are taken.";
  if (stat.nlink > 1n) return "It is a hard link (the file has another name too); put a copy there.";
  if ((stat.mode & setBits) !== 0n) return "It has a set-uid, set-gid or sticky bit; clear it with chmod.";
  return undefined;
}

/** The error for a directory that cannot become a bundle: the first problem in its message, all of them in `problems`. */
export function refused(problems: readonly FieldProblem[]): SlipwayError {
  const first = problems[0]!;
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  return new SlipwayError("invalid", `The model directory cannot be built: ${first.path}: ${first.message}${more}`, {
    hint: "Mend what is listed and build again.",
    problems,
  });
}

function tooLarge(what: string): SlipwayError {
  return new SlipwayError("tooLarge", `The model directory is too large: ${what}.`, {
    hint: "Check that it is the directory of one model and nothing else.",
  });
}
