import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Model } from "../model/model-schema.ts";
import { parseQuantity } from "../values/quantity.ts";
import { canonicalJson } from "./canonical-json.ts";
import { revisionTemplate } from "./revision-template.ts";

/**
 * The name of the revision that a Model's spec asks for: `MODEL-` and the first ten hexadecimal digits of the SHA-256 of its template's
 * canonical JSON. Quantities count by their amount: 1Gi and 1073741824 make the same revision.
 */
export function revisionName(model: Model): string {
  const template = revisionTemplate(model);
  const { gpu, ...quantities } = template.resources;
  const amounts = Object.fromEntries(Object.entries(quantities).map(([name, text]) => [name, `${parseQuantity(text)?.nano}`]));
  const text = canonicalJson({ ...template, resources: { ...amounts, gpu } });
  return `${model.metadata.name}-${bytesToHex(sha256(utf8ToBytes(text))).slice(0, 10)}`;
}
