import { type FieldProblem, SlipwayError } from "@slipway/base";
import type { Signature, TensorSpec } from "@slipway/spec";
import type { ByteSource } from "./byte-source.ts";
import { externalDataProblem } from "./external-data.ts";
import { foreignFormat, foreignHead } from "./foreign-format.ts";
import { onnxFields } from "./onnx-fields.ts";
import { readAttribute, readGraph, readNode, type TensorVisitor } from "./read-graph.ts";
import { readValueInfo } from "./read-value-info.ts";
import { MalformedMessage, type Span, WireReader } from "./wire-reader.ts";

/** What an ONNX file says about itself. */
export interface OnnxModel {
  readonly signature: Signature;
  /** Operator set version by domain (`ai.onnx` for the default one). */
  readonly opsets: Readonly<Record<string, number>>;
}

/** Where a model lies and what lies around it. */
export interface OnnxPlace {
  /** Path of the model file in its directory, for messages and to resolve external data. */
  readonly path: string;
  /** Bytes of every file of the directory by path: what external data may refer to. */
  readonly files: ReadonlyMap<string, number>;
}

const tensorLimit = 256;
const exportHint =
  "Export the model to ONNX again (PyTorch: torch.onnx.export; scikit-learn: skl2onnx) and check it with onnx.checker.";

/**
 * Reads inputs, outputs and operator sets from an ONNX file without running it and without copying its weights. Throws `invalid` with
 * every problem found: not an ONNX file, truncated, types that cannot be served, external data outside the model directory.
 */
export function inspectOnnx(source: ByteSource, place: OnnxPlace): OnnxModel {
  const head = Buffer.alloc(Math.min(foreignHead, source.size));
  source.read(head, 0);
  const foreign = source.size === 0 ? "an empty file" : foreignFormat(head);
  if (foreign !== undefined) throw notOnnx(place, `it is ${foreign}`);
  try {
    return readModel(new WireReader(source), source.size, place);
  } catch (caught) {
    if (caught instanceof MalformedMessage) throw notOnnx(place, caught.message, caught);
    throw caught;
  }
}

function notOnnx({ path }: OnnxPlace, why: string, cause?: unknown): SlipwayError {
  const message = `${path} is not a whole ONNX model: ${why}. Expected an ONNX protobuf file.`;
  return new SlipwayError("invalid", message, {
    hint: exportHint,
    problems: [{ path, message: `not a whole ONNX model: ${why}`, reason: "FieldValueInvalid" }],
    cause,
  });
}

function readModel(reader: WireReader, size: number, place: OnnxPlace): OnnxModel {
  const problems: FieldProblem[] = [];
  const report = (message: string) => {
    if (problems.length < 100) problems.push({ path: place.path, message, reason: "FieldValueInvalid" });
  };
  const visitor: TensorVisitor = {
    external(tensor, entries, sparse) {
      const problem = sparse ? "belongs to a sparse tensor" : externalDataProblem(entries, place.path, place.files);
      if (problem !== undefined) report(`The external data of tensor ${JSON.stringify(tensor)} ${problem}.`);
    },
  };
  const { ir_version, graph, opset_import, training_info, functions } = onnxFields.ModelProto;
  const graphs: Span[] = [];
  const opsets: [string, number][] = [];
  let irVersion = 0n;
  for (const field of reader.fields({ start: 0, end: size })) {
    if (field.number === ir_version && field.wire === 0) irVersion = field.value;
    if (field.wire !== 2) continue;
    if (field.number === graph) graphs.push(field);
    if (field.number === opset_import) opsets.push(readOpset(reader, field));
    if (field.number === training_info) readTrainingInfo(reader, field, visitor);
    if (field.number === functions) readFunction(reader, field, visitor);
  }
  if (irVersion === 0n) throw new MalformedMessage("it has no IR version");
  if (opsets.length === 0) throw new MalformedMessage("it names no operator set");
  // Protobuf would merge two of them; a file that relies on that was made to be read differently by two readers.
  if (graphs.length !== 1) throw new MalformedMessage(graphs.length === 0 ? "it has no graph" : "it has two graphs");
  const signature = readSignature(reader, graphs[0]!, visitor, report);
  if (problems.length > 0) {
    const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
    const message = `${place.path} cannot be served: ${problems[0]!.message}${more}`;
    throw new SlipwayError("invalid", message, { hint: exportHint, problems });
  }
  return { signature, opsets: Object.fromEntries(opsets) };
}

function readSignature(reader: WireReader, graph: Span, visitor: TensorVisitor, report: (message: string) => void): Signature {
  const parts = readGraph(reader, graph, visitor);
  const tensors = (spans: readonly Span[], role: string, skip: ReadonlySet<string>): TensorSpec[] => {
    const values = spans.map((span) => readValueInfo(reader, span)).filter(({ name }) => !skip.has(name));
    const seen = new Set<string>();
    for (const { name, problem } of values) {
      if (name === "") report(`An ${role} has no name.`);
      else if (seen.has(name)) report(`Two ${role}s are called ${JSON.stringify(name)}.`);
      if (problem !== undefined) report(`The ${role} ${JSON.stringify(name)} ${problem}.`);
      seen.add(name);
    }
    if (values.length === 0) report(`The graph has no ${role}.`);
    if (values.length > tensorLimit) report(`The graph has more than ${tensorLimit} ${role}s.`);
    return values.flatMap(({ tensor }) => (tensor === undefined ? [] : [tensor]));
  };
  return {
    inputs: tensors(parts.inputs, "input", parts.initializers),
    outputs: tensors(parts.outputs, "output", new Set()),
  };
}

function readOpset(reader: WireReader, span: Span): [string, number] {
  let domain = "";
  let version = 0n;
  for (const field of reader.fields(span)) {
    if (field.number === onnxFields.OperatorSetIdProto.domain && field.wire === 2) domain = reader.text(field, 256);
    if (field.number === onnxFields.OperatorSetIdProto.version && field.wire === 0) version = field.value;
  }
  if (version < 1n || version > 2n ** 31n)
    throw new MalformedMessage(`operator set ${JSON.stringify(domain)} has version ${version}`);
  return [domain === "" ? "ai.onnx" : domain, Number(version)];
}

function readTrainingInfo(reader: WireReader, span: Span, visitor: TensorVisitor): void {
  const { initialization, algorithm } = onnxFields.TrainingInfoProto;
  for (const field of reader.fields(span)) {
    if ((field.number === initialization || field.number === algorithm) && field.wire === 2) readGraph(reader, field, visitor);
  }
}

function readFunction(reader: WireReader, span: Span, visitor: TensorVisitor): void {
  for (const field of reader.fields(span)) {
    if (field.wire !== 2) continue;
    if (field.number === onnxFields.FunctionProto.node) readNode(reader, field, visitor, 0);
    if (field.number === onnxFields.FunctionProto.attribute_proto) readAttribute(reader, field, visitor, 0);
  }
}
