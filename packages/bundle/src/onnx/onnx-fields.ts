/**
 * Numbers of the fields that are read, by message and field of `schema/onnx.proto` (which a test compares). Everything else is stepped
 * over.
 */
export const onnxFields = {
  ModelProto: { ir_version: 1, graph: 7, opset_import: 8, training_info: 20, functions: 25 },
  OperatorSetIdProto: { domain: 1, version: 2 },
  TrainingInfoProto: { initialization: 1, algorithm: 2 },
  FunctionProto: { node: 7, attribute_proto: 11 },
  GraphProto: { node: 1, initializer: 5, input: 11, output: 12, sparse_initializer: 15 },
  NodeProto: { attribute: 5 },
  AttributeProto: { t: 5, g: 6, tensors: 10, graphs: 11, sparse_tensor: 22, sparse_tensors: 23 },
  SparseTensorProto: { values: 1, indices: 2 },
  TensorProto: { name: 8, external_data: 13, data_location: 14 },
  StringStringEntryProto: { key: 1, value: 2 },
  ValueInfoProto: { name: 1, type: 2 },
  TypeProto: { tensor_type: 1, sequence_type: 4, map_type: 5, opaque_type: 7, sparse_tensor_type: 8, optional_type: 9 },
  "TypeProto.Tensor": { elem_type: 1, shape: 2 },
  TensorShapeProto: { dim: 1 },
  "TensorShapeProto.Dimension": { dim_value: 1, dim_param: 2 },
} as const;
