// `npm run bench -- build`: P27, P28. Building a bundle of 500 MB beside `sha256sum` and `cp`, building it again, and what a change moves.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@slipway/base";
import { BundleStore, pushBundle, RegistryClient } from "@slipway/bundle";
import { realRegistry, registryMissing } from "@slipway/testkit";
import { BundleDirectory } from "./bundles/bundle-directory.ts";
import { benchOptions } from "./load/options.ts";
import { Report } from "./load/report.ts";
import { median, ratios, withRange } from "./load/statistics.ts";
import type { Row } from "./load/table.ts";

const totalBytes = 500e6;
const share = 0.05;
const { rounds, trial, wants } = benchOptions("build", ["time", "moved"], { seconds: 1 });
const report = new Report({
  name: "build",
  trial,
  facts: { totalBytes, rounds, fineTuned: share, registry: registryMissing || "docker-registry" },
});
const scratch = mkdtempSync(join(tmpdir(), "slipway-bench-build-"));
const cleanUps: (() => unknown)[] = [() => rmSync(scratch, { recursive: true, force: true })];
const directory = new BundleDirectory(join(scratch, "model"), totalBytes, "bench");

try {
  const times = wants("time") ? await timeBuilds() : undefined;
  const moved = wants("moved") ? await countMoved() : undefined;
  const of = (key: "reference" | "unchanged" | "changed") =>
    times === undefined
      ? []
      : ratios(key === "reference" ? times.cold : times[key], key === "reference" ? times.reference : times.cold);
  report.finish([
    { id: "P27", what: "cold build of 500 MB beside sha256sum and cp", most: 1.4, measured: of("reference") },
    { id: "P28", what: "build again without a change, of the cold one", most: 0.05, measured: of("unchanged") },
    { id: "P28", what: "build again after a change of 1 MB, of the cold one", most: 0.1, measured: of("changed") },
    { id: "P28", what: "bytes pushed after a change of 1 MB, of what changed", most: 1.05, measured: moved?.change ?? [] },
    { id: "CDC", what: "bytes pushed after a fine-tune of 5 %, of the file", most: 0.08, measured: moved?.tunedPush ?? [] },
    { id: "CDC", what: "bytes stored after a fine-tune of 5 %, of the file", most: 0.08, measured: moved?.tunedStore ?? [] },
  ]);
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
}

/** Milliseconds; what was written before is on the disk first, so that nobody pays for somebody else's writes. */
async function timed(work: () => unknown): Promise<number> {
  execFileSync("sync");
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function timeBuilds() {
  const sum: number[] = [];
  const copy: number[] = [];
  const cold: number[] = [];
  const unchanged: number[] = [];
  const changed: number[] = [];
  // The first round warms the page cache and the compiler.
  for (let round = -1; round < rounds; round++) {
    const files = ["model.onnx", "labels.txt", "weights.bin", "vocabulary.bin"].map((name) => join(directory.path, name));
    const target = join(scratch, "copy");
    const sumMs = await timed(() => execFileSync("sha256sum", files));
    const copyMs = await timed(() => execFileSync("cp", ["-r", directory.path, target]));
    rmSync(target, { recursive: true });
    const home = join(scratch, `home-${round}`);
    mkdirSync(home);
    const open = () => new BundleStore(join(home, "bundles"), { clock: systemClock });
    const coldMs = await timed(() => open().build(directory.path, { name: "bench" }));
    const unchangedMs = await timed(() => open().build(directory.path, { name: "bench" }));
    directory.changeVocabulary(round + 2);
    const changedMs = await timed(() => open().build(directory.path, { name: "bench" }));
    rmSync(home, { recursive: true });
    if (round < 0) continue;
    sum.push(sumMs);
    copy.push(copyMs);
    cold.push(coldMs);
    unchanged.push(unchangedMs);
    changed.push(changedMs);
  }
  const reference = sum.map((ms, round) => ms + copy[round]!);
  const row = (what: string, ms: readonly number[], base: readonly number[]): Row => ({
    what,
    ms: median(ms).toFixed(0),
    "of the reference": withRange(ratios(ms, reference)),
    "of the cold build": withRange(ratios(ms, base), 3),
  });
  report.table("Building 500 MB", [
    row("sha256sum", sum, cold),
    row("cp", copy, cold),
    row("cold build", cold, cold),
    row("again, unchanged", unchanged, cold),
    row("again, 1 MB changed", changed, cold),
  ]);
  return { reference, cold, unchanged, changed };
}

async function countMoved() {
  const store = new BundleStore(join(scratch, "home", "bundles"), { clock: systemClock });
  const first = await store.build(directory.path, { name: "bench" });
  const registry =
    registryMissing === false
      ? await realRegistry({ after: (cleanUp) => void cleanUps.push(cleanUp as () => unknown) })
      : undefined;
  const client = new RegistryClient({ clock: systemClock });
  cleanUps.push(() => client.close());
  const push = async (digest: typeof first.digest) =>
    registry === undefined
      ? Number.NaN
      : (await pushBundle(client, { registry: registry.host, name: "bench" }, await store.blobs(digest))).bytes;
  const rows: Row[] = [];
  const add = (what: string, pushed: number, stored: number) =>
    rows.push({ what, "MB pushed": (pushed / 1e6).toFixed(2), "MB stored": (stored / 1e6).toFixed(2) });
  const used = async () => (await store.diskUsage()).blobs;
  let before = await used();
  add("first", await push(first.digest), before);
  const step = async (what: string) => {
    const { digest } = await store.build(directory.path, { name: "bench" });
    const pushed = await push(digest);
    const stored = (await used()) - before;
    before += stored;
    add(what, pushed, stored);
    return { pushed, stored };
  };
  directory.changeVocabulary(-1);
  const change = await step("1 MB changed");
  const bytes = directory.fineTune(share);
  const tuned = await step(`fine-tuned, ${(bytes / 1e6).toFixed(1)} MB changed in pieces of 1 MiB`);
  report.table("What moves", rows);
  const defined = (values: readonly number[]) => values.filter(Number.isFinite);
  return {
    change: defined([change.pushed / 2 ** 20]),
    tunedPush: defined([tuned.pushed / directory.weights]),
    tunedStore: [tuned.stored / directory.weights],
  };
}
