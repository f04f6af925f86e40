import { expect, Mismatch, NotApplicable } from "./case.ts";
import { encode as encodeValues, exact, held, type Row, rowOf, rows } from "./datatypes.ts";
import { type CallOptions, type GrpcClient, inference, type Message, type Outcome } from "./grpc-client.ts";
import type { Target } from "./target.ts";

/** `ModelInfer`. */
export const modelInfer = inference("ModelInfer");

/** A tensor of a request: its shape, and values as JSON texts or bytes. */
export interface GrpcTensor {
  readonly shape?: readonly (number | string)[];
  readonly values?: readonly string[];
  readonly bytes?: Buffer;
  /** Other fields of the tensor. */
  readonly fields?: Message;
}

/** What a request asks. */
export interface GrpcAsked {
  readonly tensors?: Readonly<Record<string, GrpcTensor>>;
  readonly without?: readonly string[];
  readonly more?: readonly Message[];
  readonly outputs?: readonly string[];
  /** Whether contents are raw: all of them or none, as the protocol says. */
  readonly raw?: boolean;
  readonly fields?: Message;
}

/** The client of the target; leaves the case when there is none. */
export function grpcOf(target: Target): GrpcClient {
  if (target.grpc === undefined) throw new NotApplicable("no --grpc HOST:PORT was given");
  return target.grpc;
}

/** A request to the suite's model. FP16 has raw contents only, so a typed request has no elements of it. */
export function grpcRequest(
  target: Target,
  { tensors = {}, without = [], more = [], outputs, raw = false, fields = {} }: GrpcAsked = {},
): Message {
  const inputs = rows.filter(({ input }) => !without.includes(input));
  const given = inputs.map((row) => {
    const none = !raw && row.contents === undefined;
    const {
      shape = none ? [0, 2] : [1, 2],
      values = none ? [] : row.sample,
      bytes,
      fields: others = {},
    } = tensors[row.input] ?? {};
    return { row, shape, values, bytes: bytes ?? encodeValues(row, values), others };
  });
  return {
    model_name: target.model,
    inputs: [
      ...given.map(({ row, shape, values, others }) => ({
        name: row.input,
        datatype: row.datatype,
        shape,
        ...(raw || row.contents === undefined
          ? {}
          : { contents: { [row.contents]: values.map((text) => contentOf(row, text)) } }),
        ...others,
      })),
      ...more,
    ],
    ...(outputs === undefined ? {} : { outputs: outputs.map((name) => ({ name })) }),
    ...(raw ? { raw_input_contents: given.map(({ bytes }) => bytes) } : {}),
    ...fields,
  };
}

/** Calls `ModelInfer`. */
export function grpcInfer(target: Target, asked: GrpcAsked = {}, options: CallOptions = {}): Promise<Outcome> {
  return grpcOf(target).call(modelInfer, grpcRequest(target, asked), options);
}

/** The only message of a call that ended well. */
export function answered({ code, details, messages }: Outcome): Message {
  if (code !== 0) throw new Mismatch("status OK", `status ${code}: ${details}`);
  return messages[0]!;
}

/** An error that says the caller is to blame: neither OK nor one of the codes for faults of a server. */
export function expectGrpcRefused({ code, details }: Outcome, ...codes: readonly number[]): void {
  if (codes.length > 0) expect(codes.includes(code), `status ${codes.join(" or ")}`, `${code}: ${details}`);
  else
    expect(
      ![0, 2, 13, 14, 15].includes(code),
      "a status that blames the caller, such as INVALID_ARGUMENT (3)",
      `${code}: ${details}`,
    );
}

/** The values of an output, raw or typed, must be these. */
export function expectGrpcValues(row: Row, answer: Message, shape: readonly number[], values: readonly string[]): void {
  const { tensor, raw } = grpcOutput(answer, `${row.input}_out`);
  expect(tensor.datatype === row.datatype, `datatype ${row.datatype}`, tensor.datatype);
  expect(JSON.stringify(tensor.shape) === JSON.stringify(shape.map(String)), `shape ${JSON.stringify(shape)}`, tensor.shape);
  if (raw !== undefined) {
    const wanted = encodeValues(row, values);
    expect(raw.equals(wanted), `raw contents ${wanted.toString("hex").slice(0, 80)}`, raw.toString("hex").slice(0, 80));
    return;
  }
  const contents = (tensor.contents as Message | null)?.[row.contents ?? ""] as readonly unknown[] | undefined;
  const got = (contents ?? []).map((value) => held(row, fromContent(row, value)));
  const wanted = values.map((text) => held(row, exact(text)));
  expect(JSON.stringify(got) === JSON.stringify(wanted), wanted.join(", "), got.join(", "));
}

/** An output of this name, with its raw contents if the answer has raw contents. */
export function grpcOutput(answer: Message, name: string): { tensor: Message; raw: Buffer | undefined } {
  const outputs = answer.outputs as readonly Message[];
  const index = outputs.findIndex((tensor) => tensor.name === name);
  expect(
    index >= 0,
    `an output ${name}`,
    outputs.map((tensor) => tensor.name),
  );
  const raws = answer.raw_output_contents as readonly Buffer[];
  return { tensor: outputs[index]!, raw: raws.length > 0 ? raws[index] : undefined };
}

/** The next good call is answered. */
export async function grpcStillAnswers(target: Target): Promise<void> {
  const row = rowOf("FP32");
  expectGrpcValues(row, answered(await grpcInfer(target, { outputs: ["fp32_out"] })), [1, 2], row.sample);
}

function contentOf(row: Row, text: string): unknown {
  const value = exact(text);
  if (row.datatype === "BYTES") return Buffer.from(value as string);
  return typeof value === "bigint" ? String(value) : /64$/.test(row.datatype) && row.datatype !== "FP64" ? text : value;
}

function fromContent(row: Row, value: unknown): unknown {
  if (row.datatype === "BYTES") return (value as Buffer).toString("utf8");
  return typeof value === "string" ? exact(value) : value;
}
