import type { ModelSignature } from "./tensor.ts";

/** What OIP's model metadata says. */
export interface ModelMetadata {
  readonly name: string;
  /** Revisions that answer under this name here. */
  readonly versions: readonly string[];
  /** `FRAMEWORK_FORMAT`, e.g. `onnxruntime_onnx`. */
  readonly platform: string;
  readonly signature: ModelSignature;
}

/** The JSON of OIP v2 model metadata. */
export function renderModelMetadata({ name, versions, platform, signature }: ModelMetadata): Buffer {
  return Buffer.from(JSON.stringify({ name, versions, platform, inputs: signature.inputs, outputs: signature.outputs }));
}

/** Extensions of the protocol that are offered, by the names Triton gave them. */
export const offeredExtensions = ["binary_tensor_data"] as const;

/** The JSON of OIP v2 server metadata. */
export function renderServerMetadata(version: string): Buffer {
  return Buffer.from(JSON.stringify({ name: "slipway", version, extensions: offeredExtensions }));
}
