import { expect } from "./case.ts";
import type { Row } from "./datatypes.ts";
import { type Answer, jsonOf } from "./http-client.ts";
import type { Asked, TensorFields } from "./request.ts";
import { type AnsweredTensor, expectValues, type Target } from "./target.ts";

/** The header that says where the JSON ends and the tensors begin. */
export const lengthHeader = "inference-header-content-length";

/** Tensors of a request that go as bytes behind its JSON, by name, in the order in which they are there. */
export type Blobs = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly bytes: Buffer; readonly fields?: TensorFields }>
>;

/** A request whose JSON is followed by tensors. `pad` is white space behind the JSON, which moves where they begin. */
export function binaryRequest(
  target: Target,
  blobs: Blobs,
  asked: Asked = {},
  pad = 0,
): { body: Buffer; headers: Record<string, string> } {
  const tensors: Record<string, TensorFields> = { ...asked.tensors };
  for (const [name, { shape, bytes, fields }] of Object.entries(blobs)) {
    tensors[name] = {
      shape: JSON.stringify(shape),
      data: undefined,
      parameters: `{"binary_data_size":${bytes.length}}`,
      ...fields,
    };
  }
  const json = Buffer.from(target.request({ ...asked, tensors }) + " ".repeat(pad));
  // The order of the bytes is that of the inputs in the JSON.
  const names = Object.keys(blobs).sort((a, b) => json.indexOf(`"name":"${a}"`) - json.indexOf(`"name":"${b}"`));
  return {
    body: Buffer.concat([json, ...names.map((name) => blobs[name]!.bytes)]),
    headers: { "content-type": "application/octet-stream", [lengthHeader]: String(json.length) },
  };
}

/** Outputs of a request, each with or without its own word on being binary. */
export function wantedOutputs(outputs: Readonly<Record<string, boolean | undefined>>): string {
  return JSON.stringify(
    Object.entries(outputs).map(([name, binary]) => ({
      name,
      ...(binary === undefined ? {} : { parameters: { binary_data: binary } }),
    })),
  );
}

/** An answer taken apart: its JSON, and the bytes of each output that has some. */
export function takeApart(answer: Answer): { outputs: readonly AnsweredTensor[]; blobs: ReadonlyMap<string, Buffer> } {
  expect(answer.status === 200, "status 200", `${answer.status} ${answer.text}`);
  const header = answer.headers[lengthHeader];
  if (header === undefined) return { outputs: (jsonOf(answer) as { outputs: AnsweredTensor[] }).outputs, blobs: new Map() };
  const length = Number(header);
  expect(
    Number.isSafeInteger(length) && length <= answer.body.length,
    `${lengthHeader} of at most ${answer.body.length}`,
    header,
  );
  const text = answer.body.subarray(0, length).toString("utf8");
  const { outputs } = jsonOf({ ...answer, text }) as { outputs: AnsweredTensor[] };
  const blobs = new Map<string, Buffer>();
  let at = length;
  for (const { name, parameters, data } of outputs) {
    const size = parameters?.binary_data_size;
    if (size === undefined) continue;
    expect(typeof size === "number" && size >= 0, "binary_data_size of at least 0", size);
    expect(data === undefined, `no data beside binary_data_size in ${name}`, data);
    blobs.set(name, answer.body.subarray(at, at + size));
    at += size;
  }
  expect(at === answer.body.length, `${answer.body.length} bytes in all, as the sizes say`, at);
  return { outputs, blobs };
}

/** The output's bytes must be these. */
export function expectBytes(answer: Answer, name: string, bytes: Buffer): void {
  const got = takeApart(answer).blobs.get(name);
  expect(got !== undefined, `${name} as bytes`, "none");
  expect(got.equals(bytes), `${name} of ${bytes.toString("hex").slice(0, 80)}`, got.toString("hex").slice(0, 80));
}

/** The output must be JSON with these values, in an answer that may hold bytes of others. */
export function expectJson(answer: Answer, row: Row, shape: readonly number[], values: readonly string[]): void {
  expectValues(row, { outputs: takeApart(answer).outputs }, shape, values);
}

/** The FP32 bytes of numbers, on a little-endian machine. */
export function floats(...values: readonly number[]): Buffer {
  return floatsOf(values);
}

/** As {@link floats}, of as many as one likes. */
export function floatsOf(values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}
