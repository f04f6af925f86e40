// `npm run bench -- batching`: P8, P9 and P10. How much of what batches can give reaches those who ask, under an objective and overload.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bound } from "./batching/bound.ts";
import { batchTimes, httpCost, measureBatching } from "./batching/measure-batching.ts";
import type { Goal } from "./load/goals.ts";
import { benchOptions } from "./load/options.ts";
import { pin } from "./load/pinned-process.ts";
import { Report } from "./load/report.ts";
import { onnxRuntimeVersion } from "./load/versions.ts";
import { requireWrk } from "./load/wrk.ts";
import { ensureModel } from "./models/models.ts";
import { SlipwayServers } from "./serving/slipway-server.ts";

const models = ["2ms-wide", "10ms-wide", "2ms"];
/** Objectives, by the time of one request alone. */
const factors = [4, 10];
const options = benchOptions("batching", models, { seconds: 5 });
requireWrk();
const report = new Report({
  name: "batching",
  trial: options.trial,
  facts: {
    rounds: options.rounds,
    seconds: options.seconds,
    load: "open loop, Poisson, seeds 1, 2, …, binary tensors, on core 0; one server at a time on core 1",
    onnxruntime: onnxRuntimeVersion(),
  },
});
pin(0);
const scratch = mkdtempSync(join(tmpdir(), "slipway-bench-"));
try {
  const slipway = await SlipwayServers.build(join(scratch, "home"));
  const goals: Goal[] = [];
  let perRequestMs: number | undefined;
  for (const name of models) {
    if (!options.wants(name)) continue;
    const model = await ensureModel(name);
    const times = await batchTimes(model, (oneMs) => (Math.max(...factors) / 2) * oneMs, options.trial ? 0.3 : 1);
    report.table(
      `s(n) of a bare loop, ${name}`,
      [...times].map(([n, ms]) => ({ n, "s(n) ms": ms.toFixed(2), "n/s(n)": Math.round((n / ms) * 1000) })),
    );
    if (perRequestMs === undefined) {
      const rate = 4 * (bound(times, 10 * times.get(1)!)?.rate ?? 1000);
      const { ms, row } = await httpCost(slipway, model, scratch, rate);
      perRequestMs = ms;
      report.table("the open-loop client, with node:http instead of a model", [row]);
    }
    for (const factor of factors) {
      const result = await measureBatching(slipway, model, options, { times, factor, perRequestMs });
      report.table(`${name}, objective ${factor}·s(1)`, result.rows);
      goals.push(...result.goals);
    }
  }
  report.finish(goals);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
