import { seededRandom, VirtualClock } from "@slipway/base";
import type { InferRequest } from "@slipway/protocol";
import type { BatchReply, ModelRunner } from "../../runners/model-runner.ts";
import { Batcher } from "../batcher.ts";

/** What a simulation shows. */
export interface Simulated {
  /** Answers inside the objective per millisecond. */
  readonly goodput: number;
  /** Part of all requests that were answered inside the objective. */
  readonly inside: number;
  /** How long 95 % of the refused requests waited for it at most, milliseconds. */
  readonly refusedAfterMs: number;
  /** Median time of the answered, milliseconds. */
  readonly medianMs: number;
}

const request: InferRequest = { inputs: [{ name: "x", datatype: "FP32", shape: [1, 1], data: new Float32Array(1) }] };
const signature = { inputs: [{ name: "x", datatype: "FP32", shape: [-1, 1] }], outputs: [] } as const;

/** A batcher in virtual time, with Poisson arrivals at `rate` per millisecond and a model whose run of n takes `time(n)`. */
export async function simulate(options: {
  readonly time: (size: number, random: () => number) => number;
  readonly rate: number;
  readonly requests: number;
  readonly objectiveMs: number;
  readonly given: boolean;
  readonly maxBatchSize?: number;
  readonly seed?: number;
}): Promise<Simulated> {
  const { time, rate, requests, objectiveMs, given, maxBatchSize = 64 } = options;
  const random = seededRandom(options.seed ?? 1);
  const clock = new VirtualClock();
  const runner: Pick<ModelRunner, "predict" | "instances"> = {
    instances: 1,
    predict: (batch): Promise<BatchReply> =>
      new Promise((resolve) => {
        const replies = batch.map(() => ({ ms: 0, outputs: [] }));
        clock.after(time(batch.length, random), () => resolve({ runs: 1, replies }));
      }),
  };
  const batcher = new Batcher({
    runner,
    signature,
    maxBatchSize,
    latencyObjectiveMs: given ? objectiveMs : undefined,
    capacity: 256,
    clock,
  });
  const warm = Math.round(requests / 5);
  const answered: number[] = [];
  const refused: number[] = [];
  let begin = 0;
  let end = 0;
  const arrive = (index: number) => {
    if (index === requests) return;
    const at = clock.monotonic();
    if (index === warm) begin = at;
    end = at;
    batcher.submit(request, { cancelled: false, deadlineAt: undefined }).then(
      () => index >= warm && answered.push(clock.monotonic() - at),
      () => index >= warm && refused.push(clock.monotonic() - at),
    );
    clock.after(-Math.log(1 - random()) / rate, () => arrive(index + 1));
  };
  arrive(0);
  while (end === 0 || batcher.inflight > 0 || answered.length === 0 || clock.monotonic() - end < 50 / rate)
    await clock.advance(10 / rate + 1);
  const inside = answered.filter((ms) => ms <= objectiveMs + 1e-9).length;
  return {
    goodput: inside / (end - begin),
    inside: inside / (requests - warm),
    refusedAfterMs: percentile(refused, 0.95),
    medianMs: percentile(answered, 0.5),
  };
}

function percentile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
}
