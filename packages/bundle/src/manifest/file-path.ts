import { fitsTarHeader } from "./tar-header.ts";

/** Folder of the image in which the files of a model directory lie. */
export const imageRoot = "model";

/** Folder of the image in which the environment of a bundle lies, if it has one: what its model runs in. */
export const environmentRoot = "env";

/** Whether a path in the image is of the environment. */
export function isEnvironmentPath(path: string): boolean {
  return path.startsWith(`${environmentRoot}/`);
}

const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Why `name` cannot name a file of a bundle, as the end of a sentence; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return "is not a file name";
  if (name.length > 100) return "is longer than 100 characters";
  // Other alphabets have several byte forms for one visible name, and file systems change one into the other: the digest would move.
  if (!/^[\x20-\x7e]+$/.test(name)) return "has a character that is not printable ASCII";
  if (/[\\:*?"<>|/]/.test(name)) return 'has one of the characters \\ / : * ? " < > |, which not every system allows';
  if (/^ |[ .]$/.test(name)) return "begins with a space, or ends with a space or a dot";
  if (reserved.test(name)) return "is reserved on some systems";
  return undefined;
}

/** Why `path`, relative and with slashes, cannot be a path of a bundle; undefined when it can. */
export function pathProblem(path: string): string | undefined {
  for (const name of path.split("/")) {
    const problem = nameProblem(name);
    if (problem !== undefined) return problem;
  }
  return fitsTarHeader(`${imageRoot}/${path}`)
    ? undefined
    : "is too long a path: at most 100 characters after a slash, 250 in all";
}
