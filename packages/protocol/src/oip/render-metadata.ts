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

/** In a call from a gateway: all versions of the model, separated by commas. */
export const versionsHeader = "x-slipway-versions";

const repositoryExtensions = ["model_repository", "model_repository(unload_dependents)"];

/** Extensions of the protocol that are offered, by the names Triton gave them; those of the model repository when there is one. */
export function offeredExtensions(repository: boolean): readonly string[] {
  return ["binary_tensor_data", ...(repository ? repositoryExtensions : [])];
}

/** The JSON of OIP v2 server metadata; `repository` when the model repository extension is offered. */
export function renderServerMetadata(version: string, repository: boolean): Buffer {
  return Buffer.from(JSON.stringify({ name: "slipway", version, extensions: offeredExtensions(repository) }));
}
