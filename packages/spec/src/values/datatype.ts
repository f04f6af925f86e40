/** Element types of a tensor, by their names in the Open Inference Protocol. */
export const datatypes = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
] as const;

/** See {@link datatypes}. */
export type Datatype = (typeof datatypes)[number];
