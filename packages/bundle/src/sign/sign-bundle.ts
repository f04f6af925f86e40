import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { SlipwayError } from "@slipway/base";
import type { Digest } from "../manifest/digest.ts";
import { signedStatement, statementType } from "./statement.ts";

/** Reads a private key to sign with: PEM, ECDSA on P-256. Throws `invalid` for another, `unauthenticated` when it wants a passphrase. */
export function readSigningKey(pem: string, passphrase: string | undefined): KeyObject {
  if (/ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY/.test(pem)) throw wrongKey("it is in cosign's own encrypted form");
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    if (/ENCRYPTED/.test(pem))
      throw new SlipwayError(
        "invalid",
        `The key is encrypted, and ${passphrase === undefined ? "no passphrase was given" : "the passphrase does not fit"}.`,
        {
          hint: "Set SLIPWAY_KEY_PASSPHRASE.",
        },
      );
    throw wrongKey("it is not the PEM of a private key");
  }
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw wrongKey("it is not an ECDSA key on the curve P-256");
  return key;
}

/** Signs a bundle's digest: a Sigstore bundle (v0.3) with an in-toto statement, as JSON. */
export async function signBundle(bundle: Digest, key: KeyObject): Promise<Buffer> {
  const { bundleToJSON, dsse, toDSSEBundle } = await import("./sigstore.ts");
  const artifact = signedStatement(bundle);
  const signature = sign("sha256", dsse.preAuthEncoding(statementType, artifact), key);
  const keyHint = keyHintOf(createPublicKey(key));
  return Buffer.from(JSON.stringify(bundleToJSON(toDSSEBundle({ artifact, artifactType: statementType, signature, keyHint }))));
}

/** Which key signed, as cosign names it: the base64 of the SHA-256 of its DER. A hint to find it by, never a reason to believe. */
export function keyHintOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("base64");
}

function wrongKey(why: string): SlipwayError {
  return new SlipwayError("invalid", `The key cannot be signed with: ${why}.`, {
    hint: "`openssl ecparam -genkey -name prime256v1 -noout -out slipway.key` makes one, and `openssl ec -in slipway.key -pubout -out slipway.pub` its public half.",
  });
}
