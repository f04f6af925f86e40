import { onnxFields } from "./onnx-fields.ts";
import { MalformedMessage, type Span, type WireReader } from "./wire-reader.ts";

/** Graphs inside graphs (If, Loop, Scan). Protobuf's own limit of 100 messages allows 33. */
const graphDepth = 32;
const textLimit = 4096;

/** What {@link readGraph} tells about every tensor it meets. */
export interface TensorVisitor {
  /** Entries of `external_data`, in file order; called for every tensor that has any or says it has. */
  external(tensor: string, entries: readonly (readonly [key: string, value: string])[], sparse: boolean): void;
}

/** The top level of a graph. */
export interface GraphParts {
  readonly initializers: ReadonlySet<string>;
  readonly inputs: readonly Span[];
  readonly outputs: readonly Span[];
}

/** Walks a `GraphProto` with all graphs inside it; weights are stepped over. */
export function readGraph(reader: WireReader, span: Span, visitor: TensorVisitor, depth = 0): GraphParts {
  if (depth > graphDepth) throw new MalformedMessage(`it has graphs inside graphs more than ${graphDepth} deep`);
  const { node, initializer, input, output, sparse_initializer } = onnxFields.GraphProto;
  const initializers = new Set<string>();
  const inputs: Span[] = [];
  const outputs: Span[] = [];
  for (const field of reader.fields(span)) {
    if (field.wire !== 2) continue;
    if (field.number === node) readNode(reader, field, visitor, depth);
    if (field.number === initializer) initializers.add(readTensor(reader, field, visitor, false));
    if (field.number === sparse_initializer) initializers.add(readSparseTensor(reader, field, visitor));
    if (field.number === input) inputs.push(field);
    if (field.number === output) outputs.push(field);
  }
  return { initializers, inputs, outputs };
}

/** Walks a `NodeProto`. */
export function readNode(reader: WireReader, span: Span, visitor: TensorVisitor, depth: number): void {
  for (const field of reader.fields(span)) {
    if (field.number === onnxFields.NodeProto.attribute && field.wire === 2) readAttribute(reader, field, visitor, depth);
  }
}

/** Walks an `AttributeProto`. */
export function readAttribute(reader: WireReader, span: Span, visitor: TensorVisitor, depth: number): void {
  const { t, g, tensors, graphs, sparse_tensor, sparse_tensors } = onnxFields.AttributeProto;
  for (const field of reader.fields(span)) {
    if (field.wire !== 2) continue;
    if (field.number === t || field.number === tensors) readTensor(reader, field, visitor, false);
    if (field.number === g || field.number === graphs) readGraph(reader, field, visitor, depth + 1);
    if (field.number === sparse_tensor || field.number === sparse_tensors) readSparseTensor(reader, field, visitor);
  }
}

function readSparseTensor(reader: WireReader, span: Span, visitor: TensorVisitor): string {
  let name = "";
  for (const field of reader.fields(span)) {
    if (field.wire !== 2) continue;
    if (field.number === onnxFields.SparseTensorProto.values) name = readTensor(reader, field, visitor, true);
    if (field.number === onnxFields.SparseTensorProto.indices) readTensor(reader, field, visitor, true);
  }
  return name;
}

function readTensor(reader: WireReader, span: Span, visitor: TensorVisitor, sparse: boolean): string {
  let name = "";
  let outside = false;
  const entries: [string, string][] = [];
  for (const field of reader.fields(span)) {
    if (field.number === onnxFields.TensorProto.name && field.wire === 2) name = reader.text(field, textLimit);
    if (field.number === onnxFields.TensorProto.data_location && field.wire === 0) outside ||= field.value !== 0n;
    if (field.number === onnxFields.TensorProto.external_data && field.wire === 2) entries.push(readEntry(reader, field));
  }
  if (outside || entries.length > 0) visitor.external(name, entries, sparse);
  return name;
}

function readEntry(reader: WireReader, span: Span): [string, string] {
  const entry: [string, string] = ["", ""];
  for (const field of reader.fields(span)) {
    if (field.number === onnxFields.StringStringEntryProto.key && field.wire === 2) entry[0] = reader.text(field, textLimit);
    if (field.number === onnxFields.StringStringEntryProto.value && field.wire === 2) entry[1] = reader.text(field, textLimit);
  }
  return entry;
}
