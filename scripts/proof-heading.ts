import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, totalmem } from "node:os";
import { root } from "./checkout.ts";

/** The first lines of a proof: the command that made it, when, of what commit, and on what machine. */
export function proofHeading(command: string): string[] {
  return [
    command,
    `date:    ${new Date().toISOString()}`,
    `commit:  ${commit()}`,
    `machine: ${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `system:  ${process.platform} ${process.arch}, Node.js ${process.version}`,
  ];
}

/** The commit that is proven; says so when the files are not what it holds, other proofs aside. */
function commit(): string {
  const changed = git("status", "--porcelain", "--", ":/", ":(exclude)proofs");
  return `${git("rev-parse", "--short=12", "HEAD")}${changed === "" ? "" : ", with uncommitted changes"}`;
}

function git(...args: string[]): string {
  const result = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : "unknown";
}
