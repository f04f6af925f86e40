import { SlipwayError } from "@slipway/base";
import type { NumericData } from "./datatype.ts";
import type { InferResponse } from "./infer-messages.ts";
import { indices } from "./read-data.ts";
import type { BytesData, Tensor } from "./tensor.ts";

/** Elements turned to text at a time, so that no string grows with the tensor. */
const pieceLength = 16_384;

/** The JSON of an OIP v2 answer. Throws `internal` when the model's output is not JSON's to carry (NaN, infinity) or the text is above `limit` bytes. */
export function renderInferResponse(response: InferResponse, limit: number): Buffer {
  const head = {
    model_name: response.modelName,
    ...(response.modelVersion === undefined ? {} : { model_version: response.modelVersion }),
    ...(response.id === undefined ? {} : { id: response.id }),
  };
  const text = new LimitedText(limit);
  text.add(`${JSON.stringify(head).slice(0, -1)},"outputs":[`);
  response.outputs.forEach((tensor, index) => {
    const { name, datatype, shape } = tensor;
    text.add(`${index === 0 ? "" : ","}${JSON.stringify({ name, shape, datatype }).slice(0, -1)},"data":[`);
    for (let from = 0; from < tensor.data.length; from += pieceLength) {
      if (from > 0) text.add(",");
      text.add(renderPiece(tensor, from, Math.min(tensor.data.length, from + pieceLength)));
    }
    text.add("]}");
  });
  text.add("]}");
  return text.bytes();
}

/** Text that becomes bytes as it grows and refuses to grow past its limit. */
class LimitedText {
  private readonly chunks: Buffer[] = [];
  private pending = "";
  private size = 0;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(text: string): void {
    this.pending += text;
    if (this.pending.length >= 262_144) this.flush();
  }

  bytes(): Buffer {
    this.flush();
    return this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks, this.size);
  }

  private flush(): void {
    const chunk = Buffer.from(this.pending, "utf8");
    this.pending = "";
    this.size += chunk.length;
    if (this.size > this.limit) {
      throw new SlipwayError("internal", `The model output is larger than the limit of ${this.limit} bytes as JSON.`, {
        hint: "Ask for fewer outputs or a smaller batch.",
      });
    }
    this.chunks.push(chunk);
  }
}

/** Elements `from` to `to` (without) as JSON, comma-separated, without brackets. */
function renderPiece(tensor: Tensor, from: number, to: number): string {
  const { datatype } = tensor;
  if (datatype === "BYTES") return renderStrings(tensor, tensor.data as BytesData, from, to);
  if (datatype === "BF16") throw notJson(`The model output ${JSON.stringify(tensor.name)} is BF16`);
  const data = tensor.data as NumericData;
  if (datatype === "BOOL")
    return Array.from(data.subarray(from, to) as Uint8Array, (value) => (value === 0 ? "false" : "true")).join(",");
  if (datatype === "INT64" || datatype === "UINT64") return data.subarray(from, to).join(",");
  return renderNumbers(tensor, data as Float64Array, from, to);
}

/** JSON.stringify on an array of plain numbers is twice as fast as a typed array's join, but writes NaN as null and -0 as 0. */
function renderNumbers(tensor: Tensor, data: Float64Array, from: number, to: number): string {
  const numbers = new Array<number>(to - from);
  let negativeZero = false;
  for (let index = from; index < to; index += 1) {
    const value = data[index]!;
    if (value - value !== 0) throw notInJson(tensor, index, value);
    if (value === 0 && 1 / value < 0) negativeZero = true;
    numbers[index - from] = value;
  }
  if (negativeZero) return numbers.map((value) => (Object.is(value, -0) ? "-0" : String(value))).join(",");
  return JSON.stringify(numbers).slice(1, -1);
}

function renderStrings(tensor: Tensor, data: BytesData, from: number, to: number): string {
  const texts = data.slice(from, to);
  const bad = texts.findIndex((text) => typeof text !== "string");
  if (bad === -1) return JSON.stringify(texts).slice(1, -1);
  throw notJson(`The model output ${JSON.stringify(tensor.name)}${indices(from + bad, tensor.shape)} is not UTF-8`);
}

/**
 * OIP does not say how JSON carries NaN and infinity. Other servers write tokens that are not JSON, or null, which a client reads as another
 * datatype; a clear failure that names the place is the only answer that nobody can mistake for a prediction.
 */
function notInJson(tensor: Tensor, index: number, value: number): SlipwayError {
  const name = value > 0 ? "Infinity" : value < 0 ? "-Infinity" : "NaN";
  return notJson(`The model output ${JSON.stringify(tensor.name)}${indices(index, tensor.shape)} is ${name}`);
}

function notJson(what: string): SlipwayError {
  return new SlipwayError("internal", `${what}, which JSON cannot carry.`, {
    hint: 'Request it as binary data (parameters {"binary_data": true} on the output), or only other outputs.',
  });
}
