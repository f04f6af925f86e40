import type { InferRequest, ModelSignature, Tensor } from "@slipway/protocol";
import { batchKeys } from "../batch/batch-key.ts";
import type { InferReply, ModelRunner } from "../runners/model-runner.ts";
import { batchCandidate } from "./batch-candidate.ts";
import { compareTensors, type Tolerance } from "./compare-tensors.ts";
import { hostile, rotated, variedRequests } from "./varied-requests.ts";

/** What {@link proveBatching} needs. */
export interface BatchingTrial {
  readonly runner: Pick<ModelRunner, "predict" | "signature">;
  /** The signature that requests are checked against. */
  readonly signature: ModelSignature;
  /** Requests of golden samples; made-up ones are tried when there is none. */
  readonly requests: readonly InferRequest[];
  readonly tolerance: Tolerance;
  /** Rows of the largest batch there may be. */
  readonly maxBatchSize: number;
}

/** Whether requests may share a run. `exact`: in every trial the answers were the same to the last bit as alone. */
export type BatchingProof =
  | { readonly batches: true; readonly exact: boolean }
  | { readonly batches: false; readonly reason: string };

interface Alone {
  readonly request: InferRequest;
  readonly outputs: readonly Tensor[];
}

/** Milliseconds that trials with more than two requests may take, by what one took alone. */
const budgetMs = 25;

/**
 * Tries whether a model answers each request of a batch as it does alone: in batches of several sizes, at every place of them, within the
 * tolerance; and to the last bit whatever values its neighbours have. A model that computes across axis 0 does not.
 */
export async function proveBatching(trial: BatchingTrial): Promise<BatchingProof> {
  const reason = trial.maxBatchSize === 1 ? "maxBatchSize is 1" : batchCandidate(trial.runner.signature);
  if (reason !== undefined) return { batches: false, reason };
  const { alone, ms } = await answersAlone(trial);
  if (alone.length === 0) return { batches: false, reason: "it has no sample, and does not take made-up values" };
  const rows = alone[0]!.request.inputs[0]!.shape[0]!;
  let exact = true;
  for (const size of [2, 3, Math.floor(trial.maxBatchSize / rows)]) {
    if (size < 2 || size * rows > trial.maxBatchSize || (size > 2 && size * ms > budgetMs)) continue;
    const found = await tryBatch(trial, alone, size);
    if (typeof found === "string") return { batches: false, reason: found };
    exact &&= found;
  }
  return { batches: true, exact };
}

/** Requests that may share a batch, and their answers alone. */
async function answersAlone(trial: BatchingTrial): Promise<{ alone: Alone[]; ms: number }> {
  for (const requests of candidates(trial)) {
    const alone: Alone[] = [];
    let ms = 0;
    for (const request of requests) {
      const [reply] = (await trial.runner.predict([request], false)).replies;
      if (reply === undefined || "error" in reply) continue;
      alone.push({ request, outputs: reply.outputs });
      ms = reply.ms;
    }
    if (alone.length > 0) return { alone, ms };
  }
  return { alone: [], ms: 0 };
}

/** Requests to try, until some are answered. */
function* candidates({ requests, signature, maxBatchSize }: BatchingTrial): Generator<readonly InferRequest[]> {
  const keyOf = batchKeys(signature);
  const able = requests.filter((request) => (keyOf(request).rows ?? maxBatchSize) * 2 <= maxBatchSize);
  const first = able[0];
  if (first !== undefined) {
    const { key, rows } = keyOf(first);
    const alike = able.filter((request) => keyOf(request).key === key && keyOf(request).rows === rows);
    yield [...alike, rotated(first, 1), rotated(first, 2)].slice(0, 3);
  } else if (requests.length === 0) {
    yield variedRequests(signature, 3);
    if (signature.inputs.some(({ shape }) => shape.slice(1).includes(-1))) yield variedRequests(signature, 1);
  }
}

/** Whether a batch of this size is answered to the last bit as alone; why it must not be, as text. */
async function tryBatch({ runner, tolerance }: BatchingTrial, alone: readonly Alone[], size: number): Promise<boolean | string> {
  const batch = Array.from({ length: size }, (_, place) => alone[place % alone.length]!);
  const requests = batch.map(({ request }) => request);
  const { replies, runs } = await runner.predict(requests, true);
  if (runs !== 1) return `${size} requests at once fail, or have not a row of each output for each row of the inputs`;
  let exact = true;
  for (const [place, { outputs }] of batch.entries()) {
    const got = outputsOf(replies[place]!);
    if (sameBits(outputs, got)) continue;
    exact = false;
    for (const [index, output] of outputs.entries()) {
      const difference = compareTensors(output, got[index]!, tolerance);
      if (difference !== undefined) return `in a batch of ${size} requests an answer is another than alone: ${difference}`;
    }
  }
  const target = size >> 1;
  const besides = requests.map((request, place) => (place === target ? request : hostile(request, place)));
  const spoiled = await runner.predict(besides, true);
  // Values that the model refuses say nothing: each request was answered alone.
  if (spoiled.runs === 1 && !sameBits(outputsOf(spoiled.replies[target]!), outputsOf(replies[target]!)))
    return "an answer depends on the values of the requests beside it";
  return exact;
}

function outputsOf(reply: InferReply): readonly Tensor[] {
  return "outputs" in reply ? reply.outputs : [];
}

function sameBits(one: readonly Tensor[], other: readonly Tensor[]): boolean {
  return one.length === other.length && one.every((tensor, index) => sameData(tensor, other[index]!));
}

function sameData(one: Tensor, other: Tensor): boolean {
  if (one.shape.join() !== other.shape.join()) return false;
  if (ArrayBuffer.isView(one.data) && ArrayBuffer.isView(other.data)) return bytesOf(one.data).equals(bytesOf(other.data));
  return one.data.every((element, index) => element === other.data[index]);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
