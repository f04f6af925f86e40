// `npm run bench -- serve`: `slipway serve` beside what it cannot beat and beside the rivals. See bench/README.md.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Goal } from "./load/goals.ts";
import { benchOptions } from "./load/options.ts";
import { pin } from "./load/pinned-process.ts";
import { Report } from "./load/report.ts";
import { onnxRuntimeVersion } from "./load/versions.ts";
import { requireWrk } from "./load/wrk.ts";
import { ensureModel } from "./models/models.ts";
import { rivals as allRivals } from "./rivals/rivals.ts";
import { health } from "./serving/health.ts";
import { largeTensor } from "./serving/large-tensor.ts";
import { RivalServers } from "./serving/rival-servers.ts";
import type { ServeBench } from "./serving/serve-bench.ts";
import { SlipwayServers } from "./serving/slipway-server.ts";
import { startTimes } from "./serving/start-time.ts";
import { type Throughput, throughput, throughputGoals } from "./serving/throughput.ts";

const models = ["tiny", "2ms", "10ms"];
const options = benchOptions("serve", [...models, "start", "health", "tensor"], { seconds: 3 });
requireWrk();
const report = new Report({
  name: "serve",
  trial: options.trial,
  facts: {
    rounds: options.rounds,
    seconds: options.seconds,
    load: "wrk (closed loop) and our open loop on core 0, servers on core 1; all servers of a table take turns",
    onnxruntime: onnxRuntimeVersion(),
    rivals: allRivals.map(({ name, version }) => `${name} ${version}`).join(", "),
  },
});
pin(0);
const scratch = mkdtempSync(join(tmpdir(), "slipway-bench-"));
try {
  const rivals = await RivalServers.install(options.wantsRival, scratch);
  report.table("rivals that are not in the tables", rivals.missing);
  const bench: ServeBench = { options, rivals, scratch, slipway: await SlipwayServers.build(join(scratch, "home")) };
  const goals: Goal[] = [];
  const results = new Map<string, Throughput>();
  for (const name of models) {
    if (!options.wants(name)) continue;
    const { rows, results: measured } = await throughput(await ensureModel(name), bench);
    results.set(name, measured);
    report.table(`throughput, ${name} model`, rows);
  }
  goals.push(...throughputGoals(results));
  for (const [part, title, run] of [
    ["health", "alive while a 200 ms model keeps the core busy", health],
    ["tensor", "a tensor of 602 KB", largeTensor],
    ["start", "start to first answer, tiny model", startTimes],
  ] as const) {
    if (!options.wants(part)) continue;
    const { rows, goals: more } = await run(bench);
    goals.push(...more);
    report.table(title, rows);
  }
  report.finish(goals);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
