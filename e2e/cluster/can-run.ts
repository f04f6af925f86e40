import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { hasBinaries } from "./binaries.ts";
import { missingPackages } from "./packages.ts";

/** Why no cluster can be brought up on this machine, in one sentence; undefined when it can. */
export function cannotRun(): string | undefined {
  if (process.platform !== "linux") return `A test cluster needs Linux namespaces, and this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return "A test cluster needs root, for namespaces and mounts.";
  if (!hasBinaries() && !works("go", "version"))
    return "A test cluster needs Go once, to build Kubernetes; `go` is not on the PATH.";
  if (missingPackages().length > 0 && !existsSync("/usr/bin/apt-get")) {
    return `A test cluster needs the Debian packages ${missingPackages().join(", ")}, and this machine has no apt-get.`;
  }
  if (!works("unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--mount-proc", "true")) {
    return "A test cluster needs namespaces, and this machine does not let root make them.";
  }
  return undefined;
}

function works(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
