import type { Digest } from "../manifest/digest.ts";
import { signatureVerifier } from "./signature-verifier.ts";
import { rulesFor, type TrustPolicy } from "./trust-policy.ts";

/** Something that is about to run. */
export interface JudgedBundle {
  readonly namespace: string;
  readonly bundle: Digest;
  /** Sigstore bundles as JSON. */
  readonly signatures: readonly string[];
}

/** Why a bundle may not run, as a whole sentence; undefined when it may. Pure. */
export type TrustJudge = (judged: JudgedBundle) => string | undefined;

/** Signatures of one bundle that are looked at; more are more than anybody needs, and each costs time. */
const mostSignatures = 20;

/** What judges by a policy. Without rules nothing is loaded, and everything may run. */
export async function trustJudge(policy: TrustPolicy): Promise<TrustJudge> {
  if (policy.rules.length === 0) return () => undefined;
  const verify = await signatureVerifier();
  const signers = new Map(policy.signers.map((signer) => [signer.name, signer]));
  return ({ namespace, bundle, signatures }) => {
    for (const rule of rulesFor(policy, namespace)) {
      const wanted = rule.signedBy.join(" or ");
      const where = `the trust policy wants bundles of namespace ${namespace} signed by ${wanted}`;
      if (signatures.length === 0) return `${bundle} is not signed, and ${where}.`;
      let reason: string | undefined;
      const kept = rule.signedBy.some((name) =>
        signatures.slice(0, mostSignatures).some((signature) => {
          const problem = verify(signature, bundle, signers.get(name)!);
          reason ??= problem;
          return problem === undefined;
        }),
      );
      if (!kept) return `${bundle} has no signature that counts (${reason}), and ${where}.`;
    }
    return undefined;
  };
}
