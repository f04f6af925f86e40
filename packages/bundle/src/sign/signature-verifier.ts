import type { KeyObject } from "node:crypto";
import { SlipwayError } from "@slipway/base";
import type { Digest } from "../manifest/digest.ts";
import { statementProblem, statementType } from "./statement.ts";
import { readPublicKey, type Signer } from "./trust-policy.ts";

/** Bytes of a signature that are read at most, as of each of `spec.source.signatures`: with a certificate and a log's proof it has about 8 KiB. */
export const signatureLimit = 2 ** 14;

const knownForms = /^application\/vnd\.dev\.sigstore\.bundle(\+json;version=0\.[123]|\.v0\.3\+json)$/;

/** Says why a signature (a Sigstore bundle as JSON) is not this signer's of this bundle, as the end of a sentence; undefined when it is. */
export type SignatureVerifier = (signature: string | Uint8Array, bundle: Digest, signer: Signer) => string | undefined;

/**
 * Loads what verifies signatures; then it takes no time and asks nobody. A key's signature needs neither log nor time stamp. An identity's needs
 * a certificate of the trusted root that was valid when a log of that root recorded the signature, its record there, and the certificate's own.
 */
export async function signatureVerifier(): Promise<SignatureVerifier> {
  const { bundleFromJSON, toSignedEntity, toTrustMaterial, TrustedRoot, Verifier } = await import("./sigstore.ts");
  const nothing = TrustedRoot.fromJSON({});

  function verify(signature: string | Uint8Array, bundle: Digest, signer: Signer): void {
    const text = Buffer.from(signature as string);
    if (text.length > signatureLimit) throw new Error(`it has more than ${signatureLimit} bytes`);
    const parsed = bundleFromJSON(JSON.parse(text.toString("utf8")));
    // A later version may mean by a field what this one does not check.
    if (!knownForms.test(parsed.mediaType))
      throw new Error(`its form ${JSON.stringify(parsed.mediaType.slice(0, 80))} is not known`);
    if (parsed.content.$case !== "dsseEnvelope") throw new Error("it signs a file and not a statement about the bundle");
    const { payloadType, payload } = parsed.content.dsseEnvelope;
    if (payloadType !== statementType) throw new Error("what it signs is not an in-toto statement");
    const problem = statementProblem(Buffer.from(payload), bundle);
    if (problem !== undefined) throw new Error(problem);
    const entity = toSignedEntity(parsed);
    if ("publicKey" in signer) {
      if (entity.key.$case !== "public-key") throw new Error("it is made with a certificate and not with the key");
      const publicKey: KeyObject = readPublicKey(signer.publicKey, signer.name);
      // Its hint chooses nothing: there is one key that counts. Logs say when, and a key here has no end.
      const trust = toTrustMaterial(nothing, () => ({ publicKey, validFor: () => true }));
      const options = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
      new Verifier(trust, options).verify({ ...entity, tlogEntries: [], timestamps: [] });
      return;
    }
    // The library proves inclusion by the signed checkpoint alone; a proof that says otherwise was tampered with all the same.
    for (const { inclusionProof: proof } of entity.tlogEntries) {
      const [, size, root] = proof?.checkpoint?.envelope.split("\n") ?? [];
      if (proof !== undefined && (proof.treeSize !== size || Buffer.from(proof.rootHash).toString("base64") !== root))
        throw new Error("its proof of inclusion and the log's checkpoint do not agree");
    }
    if (entity.key.$case !== "certificate") throw new Error("it is made with a key and not with a certificate");
    const trust = toTrustMaterial(TrustedRoot.fromJSON(signer.trustedRoot));
    const options = { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 };
    const { identity } = new Verifier(trust, options).verify(entity);
    // Compared whole, here: the library takes an expected identity for a pattern, and one that is not anchored lets strangers in.
    const found = [identity?.subjectAlternativeName, identity?.extensions?.issuer];
    if (found[0] !== signer.subject) throw new Error(`it is by ${found[0] ?? "nobody"} and not by ${signer.subject}`);
    if (found[1] !== signer.issuer) throw new Error(`${found[1] ?? "nobody"} vouches for it and not ${signer.issuer}`);
  }

  return (signature, bundle, signer) => {
    try {
      verify(signature, bundle, signer);
      return undefined;
    } catch (caught) {
      if (caught instanceof SlipwayError) throw caught;
      // Whatever a forged signature makes the library throw, it is no signature.
      const message = caught instanceof Error ? caught.message : "it cannot be read";
      return message
        .split("\n")[0]!
        .replace(/[.\s]+$/, "")
        .slice(0, 200);
    }
  };
}
