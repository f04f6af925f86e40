import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { run } from "../harness/platform.ts";
import { cacheFolder, kubernetesVersion } from "./layout.ts";

const source = join(import.meta.dirname, "go");

/** The names under which the one Kubernetes binary is called. */
const kubernetesNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
  "kubectl",
];

const [major, minor] = kubernetesVersion.slice(1).split(".");
const linkerFlags = [
  "-s -w",
  ...["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((pkg) => [
    `-X ${pkg}.gitVersion=${kubernetesVersion}`,
    `-X ${pkg}.gitMajor=${major}`,
    `-X ${pkg}.gitMinor=${minor}`,
  ]),
].join(" ");

/** Where the binaries of exactly these sources are; the folder exists only when all of them do. */
export const binaryFolder = join(cacheFolder, `bin-${key()}`);

/** Whether the binaries are built already. */
export function hasBinaries(): boolean {
  return existsSync(binaryFolder);
}

/** Builds what is not in the cache; minutes the first time, at the lowest priority. */
export async function buildBinaries(say: (line: string) => void): Promise<void> {
  if (hasBinaries()) return;
  const folder = `${binaryFolder}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    for (const [name, module] of [
      ["pause", "."],
      ["kubernetes", "."],
      ["coredns", "."],
      ["metrics-server", "metrics-server"],
    ] as const) {
      say(`building ${name} from its Go modules (once; later runs take it from ${cacheFolder})`);
      const target = module === "." ? `./${name}` : ".";
      const args = ["-n", "19", "go", "build", "-trimpath", "-ldflags", linkerFlags, "-o", join(folder, name), target];
      const result = await run("nice", args, {
        cwd: join(source, module),
        env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
      });
      if (result.code !== 0) throw new Error(`building ${name} failed:\n${result.stderr.slice(-3000)}`);
    }
    for (const name of kubernetesNames) symlinkSync("kubernetes", join(folder, name));
    renameSync(folder, binaryFolder);
  } catch (error) {
    // Another `up` may have put the same binaries there first.
    if (!hasBinaries()) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All that decides what the binaries contain. */
function key(): string {
  const hash = createHash("sha256").update(`${linkerFlags} ${process.arch}`);
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => /\.go$|go\.(mod|sum)$/.test(name));
  for (const name of files.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(source, name)));
  return hash.digest("hex").slice(0, 16);
}
