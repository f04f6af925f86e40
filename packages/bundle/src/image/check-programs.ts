import { posix } from "node:path";
import { type Architecture, architectures } from "./architecture.ts";
import type { FileTree, TreeFile } from "./file-tree.ts";

/** What a check of an image's programs and libraries found. */
export interface ProgramCheck {
  /** ELF files looked at. */
  readonly checked: number;
  /** Sentences; none when everything fits. */
  readonly problems: readonly string[];
}

/**
 * Whether every program and library of an image can be loaded on its architecture: made for it, with its loader, every library it needs, and
 * every version of their symbols in the image. It stands in for running what this machine cannot run.
 */
export function checkPrograms(tree: FileTree, architecture: Architecture): ProgramCheck {
  const files = tree.elfFiles();
  const problems = files.flatMap((file) => problemsOf(file, tree, architecture).map((problem) => `/${file.path} ${problem}`));
  return { checked: files.length, problems };
}

function problemsOf({ path, elf }: TreeFile, tree: FileTree, architecture: Architecture): string[] {
  if (elf === undefined) return ["is a damaged ELF file"];
  const { elfMachine, triplet } = architectures[architecture];
  if (elf.machine !== elfMachine) return [`is for another architecture (machine ${elf.machine}, not ${elfMachine})`];
  const problems: string[] = [];
  if (elf.interpreter !== undefined && tree.find(elf.interpreter) === undefined)
    problems.push(`needs the loader ${elf.interpreter}, which is not in the image`);
  const folders = [
    ...elf.searchPath.map((folder) => folder.replace(/\$(ORIGIN|\{ORIGIN\})/g, `/${posix.dirname(path)}`)),
    ...[`/lib/${triplet}`, `/usr/lib/${triplet}`, "/lib", "/usr/lib", "/lib64", "/usr/lib64"],
  ];
  for (const library of elf.needed) {
    // The loader is named as a library, too.
    const found = folders.map((folder) => tree.find(`${folder}/${library}`)).find((file) => file?.elf?.machine === elfMachine);
    if (found === undefined) problems.push(`needs ${library}, which is not in the image`);
    const missing = (elf.versionsNeeded.get(library) ?? []).filter((version) => found && !found.elf!.versions.has(version));
    if (missing.length > 0) problems.push(`needs ${missing.join(", ")} of ${library}, which the image's has not`);
  }
  return problems;
}
