import type { Model } from "../model/model-schema.ts";
import type { Placement } from "../model/placement-schema.ts";
import { type SecretReference, secretKey } from "../model/secrets-schema.ts";
import type { Signature, TensorSpec } from "../model/signature-schema.ts";
import { bundleDigest } from "../values/bundle-digest.ts";
import { canonicalQuantity } from "../values/quantity-amounts.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { RevisionSpec } from "./revision-schema.ts";

/** The part of a Model that makes a revision. */
export type RevisionTemplate = Pick<RevisionSpec, (typeof revisionParts)[number]>;

/** The fields of a Model's spec of which a change makes a new revision. */
export const revisionParts = ["source", "parameters", "signature", "resources", "secrets", "placement"] as const;

/**
 * What of a Model makes a revision: digests, parameters, signature, resources, secrets and placement, in one canonical form (keys and lists
 * sorted, quantities canonical). Scaling, replicas, traffic, samples and network never do. A field that is not there stays away: the names
 * of revisions from before it existed depend on that.
 */
export function revisionTemplate(model: Pick<Model, "spec">): RevisionTemplate {
  const { source, parameters, signature, resources, secrets = [], placement = {} } = model.spec;
  const place = canonicalPlacement(placement);
  return {
    source: { bundle: bundleDigest(source.bundle), ...(source.image === undefined ? {} : { image: source.image }) },
    parameters: Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(signature === undefined ? {} : { signature: sortedSignature(signature) }),
    resources: {
      ...(resources.cpu === undefined ? {} : { cpu: canonicalQuantity(resources.cpu) }),
      ...(resources.memory === undefined ? {} : { memory: canonicalQuantity(resources.memory) }),
      ...(resources.gpu === undefined ? {} : { gpu: { name: resources.gpu.name, count: resources.gpu.count } }),
    },
    ...(secrets.length === 0 ? {} : { secrets: sortedSecrets(secrets) }),
    ...(Object.keys(place).length === 0 ? {} : { placement: place }),
  };
}

/** What an entry gives has its own name; the order says nothing. */
function sortedSecrets(secrets: readonly SecretReference[]): SecretReference[] {
  return secrets
    .map((entry) => ({
      name: entry.name,
      key: secretKey(entry),
      ...(entry.env === undefined ? {} : { env: entry.env }),
      ...(entry.file === undefined ? {} : { file: entry.file }),
    }))
    .sort((a, b) => byText(a.env ?? a.file ?? "", b.env ?? b.file ?? ""));
}

/** Empty lists and maps say nothing, and neither does the order of what is in them. */
function canonicalPlacement(placement: Placement): Placement {
  const { nodeSelector, tolerations, spread, priorityClassName, imagePullSecrets, architecture } = placement;
  const sorted = {
    nodeSelector: nodeSelector && Object.fromEntries(Object.entries(nodeSelector).sort(([a], [b]) => byText(a, b))),
    tolerations: tolerations?.map((each) => ({ ...each })).sort((a, b) => byText(canonicalJson(a), canonicalJson(b))),
    spread: spread?.toSorted(byText),
    priorityClassName,
    imagePullSecrets: imagePullSecrets?.toSorted(byText),
    architecture,
  };
  const said = Object.entries(sorted).filter(([, value]) => value !== undefined && Object.keys(value).length > 0);
  return Object.fromEntries(said) as Placement;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Tensors are found by name; their order says nothing. */
function sortedSignature(signature: Signature): Signature {
  const sorted = (tensors: readonly TensorSpec[]) =>
    tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })).sort((a, b) => byText(a.name, b.name));
  return { inputs: sorted(signature.inputs), outputs: sorted(signature.outputs) };
}
