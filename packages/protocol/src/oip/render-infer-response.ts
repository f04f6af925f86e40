import { SlipwayError } from "@slipway/base";
import { binaryData } from "./binary-data.ts";
import type { NumericData } from "./datatype.ts";
import type { InferResponse } from "./infer-messages.ts";
import { indices } from "./read-data.ts";
import type { BytesData, Tensor } from "./tensor.ts";

/** Elements turned to text at a time, so that no string grows with the tensor. */
const pieceLength = 16_384;
/** Up to here numbers are written one by one. */
const shortLength = 32;

/** An answer with tensors as binary data after its JSON. */
export interface BinaryAnswer {
  /** The JSON, then the tensors in the order of the outputs; views of them unless they are small. */
  readonly body: Uint8Array | readonly Uint8Array[];
  /** Length of the JSON. */
  readonly jsonBytes: number;
}

/** Answers up to this size are one piece: copying them costs less than another write. */
const joinBytes = 16 * 1024;

/** The JSON of an OIP v2 answer. Throws `internal` when the model's output is not JSON's to carry (NaN, infinity) or the text is above `limit` bytes. */
export function renderInferResponse(response: InferResponse, limit: number): string | Buffer {
  return renderJson(response, undefined, new LimitedText(limit)).whole();
}

/** An OIP v2 answer with the outputs named `binary` as binary data. Throws `internal` as {@link renderInferResponse} does. */
export function renderBinaryResponse(response: InferResponse, binary: readonly string[], limit: number): BinaryAnswer {
  const tail: Uint8Array[] = [];
  const text = new LimitedText(limit);
  for (const tensor of response.outputs) {
    if (!binary.includes(tensor.name)) continue;
    const data = binaryData(tensor);
    text.reserve(data.length);
    tail.push(data);
  }
  const sizes = tail.map((data) => data.length);
  const json = renderJson(response, { binary, sizes }, text).whole();
  const jsonBytes = Buffer.byteLength(json);
  const size = sizes.reduce((sum, length) => sum + length, jsonBytes);
  if (typeof json !== "string" || size > joinBytes)
    return { body: [typeof json === "string" ? Buffer.from(json) : json, ...tail], jsonBytes };
  const body = Buffer.allocUnsafe(size);
  let end = body.write(json);
  for (const data of tail) {
    body.set(data, end);
    end += data.length;
  }
  return { body, jsonBytes };
}

function renderJson(
  response: InferResponse,
  apart: { readonly binary: readonly string[]; readonly sizes: number[] } | undefined,
  text: LimitedText,
): LimitedText {
  let head = `{"model_name":${JSON.stringify(response.modelName)}`;
  if (response.modelVersion !== undefined) head += `,"model_version":${JSON.stringify(response.modelVersion)}`;
  if (response.id !== undefined) head += `,"id":${JSON.stringify(response.id)}`;
  text.add(`${head},"outputs":[`);
  let binaries = 0;
  for (let index = 0; index < response.outputs.length; index += 1) {
    const tensor = response.outputs[index]!;
    const { name, datatype, shape } = tensor;
    text.add(`${index === 0 ? "" : ","}{"name":${JSON.stringify(name)},"shape":[${shape.join(",")}],"datatype":"${datatype}"`);
    if (apart?.binary.includes(name)) {
      text.add(`,"parameters":{"binary_data_size":${apart.sizes[binaries]}}}`);
      binaries += 1;
      continue;
    }
    text.add(',"data":[');
    for (let from = 0; from < tensor.data.length; from += pieceLength) {
      if (from > 0) text.add(",");
      text.add(renderPiece(tensor, from, Math.min(tensor.data.length, from + pieceLength)));
    }
    text.add("]}");
  }
  text.add("]}");
  return text;
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

  /** Counts bytes that come beside the text. */
  reserve(bytes: number): void {
    this.size += bytes;
    this.check();
  }

  /** All of it: a text when it is short enough to have stayed one. */
  whole(): string | Buffer {
    if (this.chunks.length > 0) return this.bytes();
    this.size += Buffer.byteLength(this.pending);
    this.check();
    return this.pending;
  }

  bytes(): Buffer {
    this.flush();
    return this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
  }

  private flush(): void {
    const chunk = Buffer.from(this.pending, "utf8");
    this.pending = "";
    this.size += chunk.length;
    this.check();
    this.chunks.push(chunk);
  }

  private check(): void {
    if (this.size <= this.limit) return;
    throw new SlipwayError("internal", `The model output is larger than the limit of ${this.limit} bytes.`, {
      hint: "Ask for fewer outputs, a smaller batch, or binary data instead of JSON.",
    });
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
  if (to - from <= shortLength) return renderFew(tensor, data, from, to);
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

/** For a few numbers an array costs more than it saves. */
function renderFew(tensor: Tensor, data: Float64Array, from: number, to: number): string {
  let text = "";
  for (let index = from; index < to; index += 1) {
    const value = data[index]!;
    if (value - value !== 0) throw notInJson(tensor, index, value);
    const number = value === 0 && 1 / value < 0 ? "-0" : String(value);
    text = index === from ? number : `${text},${number}`;
  }
  return text;
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
