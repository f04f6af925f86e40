// What of this package needs no schema: `@slipway/spec/values`. To make the schemas takes 40 ms, which a process that only serves a model saves.
export { bundleDigest } from "./values/bundle-digest.ts";
export { type Datatype, datatypes } from "./values/datatype.ts";
export { durationMilliseconds } from "./values/duration.ts";
export { onnxElementTypes } from "./values/onnx-element-types.ts";
export { quantityBytes, quantityCores } from "./values/quantity-amounts.ts";
