import { type Encoding, inputOf, postOf } from "../load/bodies.ts";
import type { BenchOptions } from "../load/options.ts";
import type { Processes } from "../load/pinned-process.ts";
import { median, ratios, withRange } from "../load/statistics.ts";
import type { Row } from "../load/table.ts";
import { load } from "../load/wrk.ts";
import type { BareLoop } from "../models/bare-loop.ts";
import type { BenchModel } from "../models/models.ts";
import type { Server } from "./server.ts";

/** What one contestant did, round by round. */
export interface Runs {
  readonly rate: number[];
  readonly p50: number[];
  readonly p99: number[];
  /** Bytes received per second. */
  readonly bytes: number[];
  /** Processor time of a request, in microseconds. */
  readonly cpuUs: number[];
  errors: number;
  memoryMb: number;
}

/** A contest of servers with one model, one encoding and one number of connections. */
export interface ContestOptions extends Pick<BenchOptions, "rounds" | "seconds" | "warmUpSeconds"> {
  readonly model: BenchModel;
  readonly encoding: Encoding;
  readonly connections: number;
  readonly servers: readonly Server[];
  /** What runs the model without a server, and what it is called. */
  readonly loop?: Pick<BareLoop, "process" | "run"> & { readonly name?: string };
  /** Whether this is the first contest of these servers with this encoding: then they are warmed up. */
  readonly cold: boolean;
}

const looks = 30;
const lookMs = 100;
const idleShare = 0.2;

interface Contestant extends Pick<Server, "name" | "canPause" | "process"> {
  run(
    seconds: number,
  ): Promise<{ requestsPerSecond: number; p50Ms: number; p99Ms: number; bytesPerSecond?: number; errors?: number }>;
}

/** Runs them one after another, round after round; those that wait take no time of the core. Results by name. */
export async function contest(options: ContestOptions): Promise<Map<string, Runs>> {
  const contestants = contestantsOf(options);
  const results = new Map<string, Runs>();
  for (const { process, canPause } of contestants) if (canPause) process.pause();
  for (let round = options.cold ? -1 : 0; round < options.rounds; round += 1) {
    for (const { name, process, canPause, run } of contestants) {
      process.resume();
      const seconds = round === -1 ? options.warmUpSeconds : options.seconds;
      const cpuBefore = process.cpuMs();
      const result = await run(seconds);
      const cpuMs = process.cpuMs() - cpuBefore;
      const memoryMb = process.memoryMb();
      if (canPause) {
        await finished(process);
        process.pause();
      }
      if (round === -1) continue;
      const runs = results.get(name) ?? { rate: [], p50: [], p99: [], bytes: [], cpuUs: [], errors: 0, memoryMb };
      results.set(name, runs);
      runs.rate.push(result.requestsPerSecond);
      runs.p50.push(result.p50Ms);
      runs.p99.push(result.p99Ms);
      runs.bytes.push(result.bytesPerSecond ?? 0);
      runs.cpuUs.push((cpuMs * 1000) / (result.requestsPerSecond * seconds));
      runs.errors += result.errors ?? 0;
      runs.memoryMb = Math.max(runs.memoryMb, memoryMb);
    }
  }
  for (const { process } of contestants) process.resume();
  return results;
}

/** Resolves when a server has ended what the load left behind, which would be in the way of its next turn; after three seconds in any case. */
async function finished(process: Processes): Promise<void> {
  for (let look = 0; look < looks; look += 1) {
    const before = process.cpuMs();
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    if (process.cpuMs() - before <= lookMs * idleShare) return;
  }
}

/** A contest as lines of a table, each beside the first contestant. */
export function contestRows(options: ContestOptions, results: ReadonlyMap<string, Runs>): Row[] {
  const [[ours, ourRuns] = ["", undefined]] = results;
  return [...results].map(([name, runs]) => ({
    model: options.model.name,
    encoding: options.encoding,
    c: options.connections,
    server: name,
    "req/s": Math.round(median(runs.rate)),
    "p50 ms": median(runs.p50).toFixed(2),
    "p99 ms": median(runs.p99).toFixed(2),
    "cpu µs": median(runs.cpuUs).toFixed(median(runs.cpuUs) < 100 ? 1 : 0),
    [`${ours} is × this`]: withRange(ratios(ourRuns!.rate, runs.rate)),
    "memory MB": runs.memoryMb,
    ...(runs.errors > 0 ? { errors: runs.errors } : {}),
  }));
}

function contestantsOf({ model, encoding, connections, servers, loop }: ContestOptions): Contestant[] {
  const input = inputOf(model.shape);
  const list: Contestant[] = servers.map(({ name, canPause, process, form, origin, path }) => {
    const post = postOf(input, form, encoding);
    return { name, canPause, process, run: (seconds) => load({ ...post, url: `${origin}${path}`, connections, seconds }) };
  });
  if (loop === undefined) return list;
  const run = (seconds: number) => loop.run(model.shape, seconds);
  return [...list, { name: loop.name ?? "onnxruntime loop", canPause: true, process: loop.process, run }];
}
