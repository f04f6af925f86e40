import { encodeBase64 } from "../values/base64.ts";
import type { Secret, SecretManifest } from "./secret-schema.ts";

/** The secret with its `stringData` moved into `data`, where it wins over a key already there. */
export function mergeStringData(manifest: SecretManifest): Secret {
  const { stringData, ...secret } = manifest;
  if (stringData === undefined) return secret;
  const added = Object.entries(stringData).map(([key, text]) => [key, encodeBase64(text)] as const);
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(added) } };
}
