import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../cluster/layout.ts";
import { run } from "../../harness/platform.ts";

/** Tools of others that judge what we make, each a Go module of its own under `go/`: what to build there. */
const judges = {
  kubeconform: "github.com/yannh/kubeconform/cmd/kubeconform",
  "kube-score": "github.com/zegl/kube-score/cmd/kube-score",
  "pod-security": ".",
  cyclonus: ".",
  health: ".",
  kwok: "sigs.k8s.io/kwok/cmd/kwok",
  helm: "helm.sh/helm/v3/cmd/helm",
  grpcurl: "github.com/fullstorydev/grpcurl/cmd/grpcurl",
} as const;

/** One of them. */
export type Judge = keyof typeof judges;

const source = join(import.meta.dirname, "go");

/** Why these cannot be had on this machine, in one sentence; undefined when they can. */
export function judgesMissing(...names: readonly Judge[]): string | undefined {
  if (names.every((name) => existsSync(binaryPath(name)))) return undefined;
  if (spawnSync("go", ["version"], { stdio: "ignore" }).status === 0) return undefined;
  return `${names.join(" and ")} must be built once, and there is no \`go\` on the PATH.`;
}

/** The program, built from its Go module if it is not in the cache: a minute the first time, at the lowest priority. */
export async function judge(name: Judge): Promise<string> {
  const path = binaryPath(name);
  if (existsSync(path)) return path;
  mkdirSync(cacheFolder, { recursive: true });
  const target = `${path}.${process.pid}`;
  const args = ["-n", "19", "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", target, judges[name]];
  const env = { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" };
  const result = await run("nice", args, { cwd: join(source, name), env });
  if (result.code !== 0) throw new Error(`building ${name} failed:\n${result.stderr.slice(-3000)}`);
  renameSync(target, path);
  return path;
}

/** Where the program of exactly these sources is; a key of its own, so that the cluster's own programs are not built again. */
function binaryPath(name: Judge): string {
  const folder = join(source, name);
  const hash = createHash("sha256").update(process.arch);
  for (const file of readdirSync(folder).sort()) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  return join(cacheFolder, `${name}-${hash.digest("hex").slice(0, 16)}`);
}
