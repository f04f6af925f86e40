import { existsSync, readFileSync } from "node:fs";
import type { Machine } from "./contract.ts";

/** Names of architectures as images have them, by Node.js' names. */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** What this machine gives, as far as its system tells: architecture, CPU features (Linux only), whether there is a GPU with its driver. */
export function readMachine(root = "/"): Machine {
  const text = read(`${root}proc/cpuinfo`);
  // x86 calls them flags, Arm features; processors of one machine may differ, and a replica may run on any: what all have counts.
  const lists = [...text.matchAll(/^(?:flags|Features)\s*:\s*(.*)$/gm)].map(([, words]) => new Set(words!.trim().split(/\s+/)));
  const [first, ...others] = lists;
  const cpuFeatures = first === undefined ? undefined : [...first].filter((word) => others.every((set) => set.has(word))).sort();
  return {
    architecture: architectures[process.arch] ?? process.arch,
    ...(cpuFeatures === undefined ? {} : { cpuFeatures }),
    gpu: ["dev/nvidia0", "dev/nvidiactl", "dev/kfd"].some((path) => existsSync(`${root}${path}`)),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
