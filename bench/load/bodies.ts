import type { Endpoint } from "../rivals/rival.ts";

/** How a tensor travels. */
export type Encoding = "json" | "binary";

/** The FP32 tensor `x` that every request carries. */
export interface Input {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a load generator posts. */
export interface Post {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Values between 0 and 1, the same for the same size. As JSON they have up to 18 digits, as single-precision data has in a double. */
export function inputOf(shape: readonly number[]): Input {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: Float32Array.from({ length: size }, (_, index) => ((index * 7919) % 10_000) / 10_000) };
}

/** The same tensor in a server's own form. Binary: the extension of the Open Inference Protocol, both ways. */
export function postOf(input: Input, form: Endpoint["form"], encoding: Encoding): Post {
  const json = { "content-type": "application/json" };
  const { shape } = input;
  const data = () => Array.from(input.values);
  if (form === "rows") return { body: Buffer.from(JSON.stringify({ input: nested(data(), shape) })), headers: json };
  const tensor = { name: "x", datatype: "FP32", shape };
  if (encoding === "json") return { body: Buffer.from(JSON.stringify({ inputs: [{ ...tensor, data: data() }] })), headers: json };
  const { buffer, byteOffset, byteLength } = input.values;
  const head = Buffer.from(
    JSON.stringify({
      inputs: [{ ...tensor, parameters: { binary_data_size: byteLength } }],
      outputs: [{ name: "y", parameters: { binary_data: true } }],
    }),
  );
  return {
    body: Buffer.concat([head, Buffer.from(buffer, byteOffset, byteLength)]),
    headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(head.length) },
  };
}

/** A flat list as nested rows. */
export function nested(values: readonly number[], shape: readonly number[]): unknown {
  if (shape.length <= 1) return values;
  const size = values.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, row) => nested(values.slice(row * size, (row + 1) * size), shape.slice(1)));
}
