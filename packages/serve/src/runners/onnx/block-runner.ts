import { systemClock } from "@slipway/base";
import type { ModelSignature, Tensor, TensorSpec } from "@slipway/protocol";
import { runResult } from "../run-result.ts";
import { sliceRows } from "../slice-rows.ts";
import type { BlockReader, BlockWriter } from "../tensor-block.ts";
import type { OnnxOutput, OnnxSession } from "./onnx-session.ts";
import { type OnnxDatatype, onnxTypes } from "./onnx-signature.ts";

/** Requests that go through the model together, or the only one that goes alone. */
interface Part {
  readonly inputs: readonly Tensor[];
  readonly wanted: readonly TensorSpec[];
  /** Of each request. */
  readonly rows: readonly number[];
}

/** Runs blocks of requests, one after the other; see `run-result.ts` for what they hold. */
export class BlockRunner {
  private readonly session: OnnxSession;
  private readonly signature: ModelSignature;
  private readonly maxOutputBytes: number;
  private runs = 0;

  constructor(session: OnnxSession, maxOutputBytes: number) {
    this.session = session;
    this.signature = session.model.signature;
    this.maxOutputBytes = maxOutputBytes;
  }

  run(block: BlockReader, replies: BlockWriter): void {
    this.runs = 0;
    for (let parts = block.number(); parts > 0; parts -= 1) this.runPart(this.readPart(block), replies);
    replies.number(this.runs);
  }

  private readPart(block: BlockReader): Part {
    const rows: number[] = [];
    for (let count = block.number(); count > 0; count -= 1) rows.push(block.number());
    const wanted: TensorSpec[] = [];
    for (let count = block.number(); count > 0; count -= 1) wanted.push(this.signature.outputs[block.number()]!);
    return { rows, wanted, inputs: this.signature.inputs.map((spec) => block.tensor(spec)) };
  }

  /** What goes wrong with several is found by halves, so that only the guilty one fails. */
  private runPart(part: Part, replies: BlockWriter): void {
    const started = systemClock.monotonic();
    let outputs: OnnxOutput[] | undefined;
    let failure = "";
    this.runs += 1;
    try {
      outputs = this.session.run(part.inputs, part.wanted);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    const ms = systemClock.monotonic() - started;
    const problem = outputs === undefined ? undefined : checkOutputs(outputs, part, this.maxOutputBytes);
    if (part.rows.length > 1 && (outputs === undefined || problem !== undefined)) {
      for (const half of halves(part)) this.runPart(half, replies);
      return;
    }
    replies.number(part.rows.length);
    replies.number(outputs === undefined ? runResult.failed : problem === undefined ? runResult.done : runResult.badOutput);
    replies.number(ms);
    if (outputs === undefined || problem !== undefined) replies.text(problem ?? failure);
    else for (const [index, { dims, data }] of outputs.entries()) replies.tensor(part.wanted[index]!, dims, [data]);
  }
}

function halves({ inputs, wanted, rows }: Part): Part[] {
  const middle = rows.length >> 1;
  const first = rows.slice(0, middle);
  const second = rows.slice(middle);
  const firstRows = first.reduce((sum, count) => sum + count, 0);
  const allRows = second.reduce((sum, count) => sum + count, firstRows);
  return [
    { rows: first, wanted, inputs: inputs.map((tensor) => sliceRows(tensor, 0, firstRows)) },
    { rows: second, wanted, inputs: inputs.map((tensor) => sliceRows(tensor, firstRows, allRows)) },
  ];
}

/** What is wrong with a model's outputs; undefined when they are as the signature says. */
function checkOutputs(outputs: readonly OnnxOutput[], { wanted, rows }: Part, maxOutputBytes: number): string | undefined {
  const shared = rows.length > 1;
  const allRows = rows.reduce((sum, count) => sum + count, 0);
  let bytes = 0;
  for (const [index, output] of outputs.entries()) {
    const { name, datatype, shape } = wanted[index]!;
    const quoted = JSON.stringify(name);
    if (output.type !== onnxTypes[datatype as OnnxDatatype])
      return `The model output ${quoted} has the type ${output.type}, not ${datatype}.`;
    // ONNX Runtime reports no dimensions both for a scalar and when it cannot tell the rank.
    const fits =
      shape.length === 0 ||
      (shape.length === output.dims.length && shape.every((size, axis) => size === -1 || size === output.dims[axis]));
    if (!fits) return `The model output ${quoted} has the shape [${output.dims.join(",")}], not [${shape.join(",")}].`;
    if (shared && output.dims[0] !== allRows) return `The model output ${quoted} has not a row for each row of the inputs.`;
    bytes += ArrayBuffer.isView(output.data) ? output.data.byteLength : stringBytes(output.data as string[]);
  }
  const largest = shared ? (bytes / allRows) * Math.max(...rows) : bytes;
  if (largest > maxOutputBytes) return `The model output is larger than the limit of ${maxOutputBytes} bytes.`;
  return undefined;
}

function stringBytes(strings: readonly string[]): number {
  let bytes = 0;
  for (const text of strings) bytes += Buffer.byteLength(text);
  return bytes;
}
