import { inputOf, postOf } from "../load/bodies.ts";
import type { Goal } from "../load/goals.ts";
import { openLoop } from "../load/open-loop.ts";
import { median, withRange } from "../load/statistics.ts";
import type { Row } from "../load/table.ts";
import { load } from "../load/wrk.ts";
import { ensureModel } from "../models/models.ts";
import type { ServeBench } from "./serve-bench.ts";
import { firstAnswer, type StartedServer } from "./server.ts";

const connections = 8;
const asksPerSecond = 100;
/** The load begins before the first question that counts and ends after the last. */
const marginSeconds = 2;

/** How long a server takes to say that it is alive while a 200 ms model keeps its core busy. P4. */
export async function health({ options, slipway, rivals }: ServeBench): Promise<{ rows: Row[]; goals: Goal[] }> {
  const model = await ensureModel("200ms");
  const input = inputOf(model.shape);
  const starts: (() => Promise<StartedServer>)[] = [
    () => slipway.start(model),
    ...rivals.available.map((rival) => () => rivals.start(rival, model)),
  ];
  const rows: Row[] = [];
  const goals: Goal[] = [];
  for (const start of starts) {
    const server = await start();
    const [p50, p99, failed, rate]: [number[], number[], number[], number[]] = [[], [], [], []];
    try {
      const post = postOf(input, server.form, "json");
      await firstAnswer(server, post);
      for (let round = 0; round < options.rounds; round += 1) {
        const seconds = options.seconds + 2 * marginSeconds;
        const saturated = load({ ...post, url: `${server.origin}${server.path}`, connections, seconds });
        const asked = await openLoop({
          url: `${server.origin}${server.health}`,
          rate: asksPerSecond,
          warmUpSeconds: marginSeconds,
          seconds: options.seconds,
          seed: round + 1,
          objectiveMs: 10,
          connections: 256,
          graceSeconds: 10,
        });
        rate.push((await saturated).requestsPerSecond);
        p50.push(asked.p50Ms);
        p99.push(asked.p99Ms);
        failed.push(asked.failed);
      }
    } finally {
      await server.process.stop();
    }
    rows.push({
      server: server.name,
      "model req/s": median(rate).toFixed(1),
      "alive p50 ms": withRange(p50, 1),
      "alive p99 ms": withRange(p99, 1),
      "no answer": failed.reduce((sum, count) => sum + count, 0),
    });
    if (server.name === "slipway")
      goals.push({
        id: "P4",
        what: "p99 of /v2/health/live under a saturated 200 ms model",
        most: 10,
        unit: "ms",
        measured: p99,
      });
  }
  return { rows, goals };
}
