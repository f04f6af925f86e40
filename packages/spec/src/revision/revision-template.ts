import type { Model } from "../model/model-schema.ts";
import type { Signature, TensorSpec } from "../model/signature-schema.ts";
import { bundleDigest } from "../values/bundle-reference.ts";
import { canonicalQuantity } from "../values/quantity-amounts.ts";
import type { RevisionSpec } from "./revision-schema.ts";

/** The part of a Model that makes a revision. */
export type RevisionTemplate = Pick<RevisionSpec, "source" | "parameters" | "signature" | "resources">;

/**
 * What of a Model makes a revision: the digest, parameters, signature and resources, in one canonical form (keys and tensors sorted,
 * quantities canonical). Scaling, replicas, traffic and samples never do.
 */
export function revisionTemplate(model: Pick<Model, "spec">): RevisionTemplate {
  const { source, parameters, signature, resources } = model.spec;
  return {
    source: { bundle: bundleDigest(source.bundle) },
    parameters: Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(signature === undefined ? {} : { signature: sortedSignature(signature) }),
    resources: {
      ...(resources.cpu === undefined ? {} : { cpu: canonicalQuantity(resources.cpu) }),
      ...(resources.memory === undefined ? {} : { memory: canonicalQuantity(resources.memory) }),
    },
  };
}

/** Tensors are found by name; their order says nothing. */
function sortedSignature(signature: Signature): Signature {
  const sorted = (tensors: readonly TensorSpec[]) =>
    tensors
      .map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { inputs: sorted(signature.inputs), outputs: sorted(signature.outputs) };
}
