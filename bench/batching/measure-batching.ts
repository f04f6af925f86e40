import { inputOf, postOf } from "../load/bodies.ts";
import type { Goal } from "../load/goals.ts";
import { openLoop } from "../load/open-loop.ts";
import type { BenchOptions } from "../load/options.ts";
import { median, ratios } from "../load/statistics.ts";
import type { Row } from "../load/table.ts";
import { load } from "../load/wrk.ts";
import { BareLoop } from "../models/bare-loop.ts";
import type { BenchModel } from "../models/models.ts";
import { startEcho } from "../serving/bare-servers.ts";
import { firstAnswer } from "../serving/server.ts";
import type { SlipwayServers } from "../serving/slipway-server.ts";
import { BatchingTrial, type Way } from "./batching-trial.ts";
import { type BatchTimes, type Bound, bound } from "./bound.ts";
import { highestRate } from "./highest-rate.ts";

/** What one model with one objective gave. */
export interface BatchingResult {
  readonly rows: Row[];
  readonly goals: Goal[];
}

const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64];
const fractions = [0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1];
const overloads = [1.5, 2, 3, 4];
const share = 0.99;

/** s(n) of the bare loop, for batches of at most `mostMs`. */
export async function batchTimes(model: BenchModel, mostMs: (oneMs: number) => number, seconds: number): Promise<BatchTimes> {
  const loop = await BareLoop.start(model.file);
  const times = new Map<number, number>();
  try {
    for (const size of sizes) {
      const shape = [size, ...model.shape.slice(1)];
      await loop.run(shape, 0.2);
      const { p50Ms } = await loop.run(shape, seconds);
      times.set(size, p50Ms);
      if (p50Ms > mostMs(times.get(1)!)) break;
    }
  } finally {
    await loop.process.stop();
  }
  return times;
}

/** What a request costs node:http on the servers' core, in milliseconds; and whether the open-loop client keeps up with more than it will be asked for. */
export async function httpCost(
  slipway: SlipwayServers,
  model: BenchModel,
  scratch: string,
  rate: number,
): Promise<{ ms: number; row: Row }> {
  const post = postOf(inputOf(model.shape), "oip", "binary");
  const server = await slipway.start(model);
  try {
    await firstAnswer(server, post);
    const echo = await startEcho(server, "binary", post, scratch);
    try {
      const url = `${echo.origin}/`;
      await load({ ...post, url, connections: 64, seconds: 2 });
      const { requestsPerSecond } = await load({ ...post, url, connections: 64, seconds: 2 });
      const pace = { rate, warmUpSeconds: 1, seconds: 3, seed: 1, objectiveMs: 10, connections: 1024, graceSeconds: 2 };
      const alone = await openLoop({ url, post, ...pace });
      return {
        ms: 1000 / requestsPerSecond,
        row: {
          "node:http echo, closed loop req/s": Math.round(requestsPerSecond),
          "open loop offered/s": Math.round(alone.offered),
          "answered/s": Math.round(alone.achieved),
          "p50 ms": alone.p50Ms.toFixed(2),
          "p99 ms": alone.p99Ms.toFixed(2),
          "client late p99 ms": alone.lateP99Ms.toFixed(2),
        },
      };
    } finally {
      await echo.process.stop();
    }
  } finally {
    await server.process.stop();
  }
}

/** P8, P9 and P10 for one model and one objective. */
export async function measureBatching(
  slipway: SlipwayServers,
  model: BenchModel,
  options: BenchOptions,
  { times, factor, perRequestMs }: { times: BatchTimes; factor: number; perRequestMs: number },
): Promise<BatchingResult> {
  // Whole milliseconds, as a user would write them.
  const objectiveMs = Math.round(factor * times.get(1)!);
  const most = bound(times, objectiveMs);
  const mostWithHttp = bound(times, objectiveMs, perRequestMs);
  if (most === undefined || mostWithHttp === undefined) throw new Error(`nothing fits twice into ${objectiveMs} ms`);
  const trial = await BatchingTrial.start(slipway, model, objectiveMs, options);
  try {
    await trial.warmUp(most.rate / 2);
    const quiet = await trial.offer("0.1 B", most.rate * 0.1, ["objective", "greedy", "one by one"], options.rounds);
    const highest = new Map<Way, number>();
    for (const way of ["objective", "greedy", "one by one"] as const) {
      const found = await highestRate(fractions, options.rounds, async (fraction, rounds) => {
        const results = (await trial.offer(`${fraction} B`, most.rate * fraction, [way], rounds)).get(way)!;
        return median(results.map(({ inside }) => inside)) >= share;
      });
      highest.set(way, found ?? 0);
    }
    const goodput: number[] = [];
    const refusals: number[] = [];
    for (const overload of overloads) {
      const results = await trial.offer(`${overload} B`, most.rate * overload, ["objective", "greedy"], options.rounds);
      const ours = results.get("objective")!;
      goodput.push(median(ours.map((run) => run.goodput / most.rate)));
      refusals.push(median(ours.map((run) => run.refusalP99Ms / objectiveMs)));
    }
    const p50 = (way: Way) => quiet.get(way)!.map((run) => run.p50Ms);
    return {
      rows: [boundRow(model, objectiveMs, most, mostWithHttp), ...trial.rows],
      goals: goalsOf(`${model.name}, objective ${factor}·s(1) = ${objectiveMs} ms`, factor, {
        highest,
        toHttp: most.rate / mostWithHttp.rate,
        goodput,
        refusals,
        quiet: ratios(p50("objective"), p50("one by one")),
      }),
    };
  } finally {
    await trial.stop();
  }
}

function boundRow(model: BenchModel, objectiveMs: number, most: Bound, mostWithHttp: Bound): Row {
  return {
    model: model.name,
    "objective ms": objectiveMs,
    offered: "B",
    way: `batches of ${most.size}`,
    "offered/s": Math.round(most.rate),
    "answered/s": undefined,
    "inside/s": Math.round(mostWithHttp.rate),
    "inside %": "← B with what node:http costs",
  };
}

function goalsOf(
  what: string,
  factor: number,
  found: {
    readonly highest: ReadonlyMap<Way, number>;
    readonly toHttp: number;
    readonly goodput: readonly number[];
    readonly refusals: readonly number[];
    readonly quiet: readonly number[];
  },
): Goal[] {
  const ours = found.highest.get("objective")!;
  const unit = "B";
  return [
    { id: "P8", what: `${what}: highest rate`, least: factor >= 10 ? 0.9 : 0.65, unit, measured: [ours] },
    { id: "P8", what: `${what}: highest rate, in B with HTTP's cost`, unit, measured: [ours * found.toHttp] },
    {
      id: "P8",
      what: `${what}: highest rate less the greedy one's`,
      least: 0,
      unit,
      measured: [ours - found.highest.get("greedy")!],
    },
    { id: "P9", what: `${what}: least goodput of 1.5 to 4 B`, least: 0.9, unit, measured: [Math.min(...found.goodput)] },
    { id: "P9", what: `${what}: slowest refusal p99, of the objective`, most: 0.1, measured: [Math.max(...found.refusals)] },
    { id: "P10", what: `${what}: p50 at 0.1 B beside one by one`, most: 1.05, measured: found.quiet },
  ];
}
