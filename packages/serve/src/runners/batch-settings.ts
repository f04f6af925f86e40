import { durationMilliseconds } from "@slipway/spec/values";
import { wholeNumberUpTo } from "./parameter-reader.ts";

/** How requests become batches. */
export interface BatchSettings {
  /** Rows that go through the model together at most; 1 means that every request goes alone. */
  readonly maxBatchSize: number;
  /** Milliseconds from a request's arrival to its answer; undefined means as soon as possible, and none is given up. */
  readonly latencyObjectiveMs: number | undefined;
}

const maxBatchRows = 4096;
const defaultBatchRows = 64;

/** The parameters about batches, which every runner of tensors takes, with what they accept. */
export const batchParameters = {
  maxBatchSize: `a whole number from 1 to ${maxBatchRows}, 1 for no batches; default: ${defaultBatchRows}`,
  latencyObjective: "a duration from 1ms to 1h, such as 50ms or 1.5s; default: none",
} as const;

/** Takes {@link batchParameters}, each read by `take`, which gives undefined for what is not there or is refused. */
export function batchSettings(
  take: <Value>(name: keyof typeof batchParameters, read: (text: string) => Value | undefined) => Value | undefined,
): BatchSettings {
  const maxBatchSize = take("maxBatchSize", wholeNumberUpTo(maxBatchRows)) ?? defaultBatchRows;
  return { maxBatchSize, latencyObjectiveMs: take("latencyObjective", milliseconds) };
}

function milliseconds(text: string): number | undefined {
  const ms = durationMilliseconds(text);
  return ms !== undefined && ms >= 1 && ms <= 3_600_000 ? ms : undefined;
}
