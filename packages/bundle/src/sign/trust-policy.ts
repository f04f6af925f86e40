import { createPublicKey } from "node:crypto";
import { SlipwayError } from "@slipway/base";
import { Decoder } from "../manifest/decode.ts";

/** Somebody whose signature counts: who has a key, or who could prove an identity to Sigstore. */
export type Signer = { readonly name: string } & (
  | {
      /** PEM of an ECDSA key on P-256. */
      readonly publicKey: string;
    }
  | {
      /** As in the certificate: an e-mail address or a URI, whole. */
      readonly subject: string;
      /** Address of who vouched for it, whole. */
      readonly issuer: string;
      /** Sigstore's trusted root, as `cosign trusted-root` prints it: whose certificates and logs count. Nothing is fetched. */
      readonly trustedRoot: object;
    }
);

/** Bundles of these namespaces must be signed by one of these. */
export interface TrustRule {
  /** Names, or beginnings of names with `*` at the end. */
  readonly namespaces: readonly string[];
  /** Names of signers; one is enough. */
  readonly signedBy: readonly string[];
}

/** Whose bundles may run where. Of several rules that fit a namespace, each must be kept. */
export interface TrustPolicy {
  readonly signers: readonly Signer[];
  readonly rules: readonly TrustRule[];
}

/** Bytes of a policy that are read at most. */
const policyLimit = 2 ** 20;
const most = 100;

/** Reads a policy, YAML or JSON; throws `invalid` with the field that is wrong. An unknown field is one. */
export async function readTrustPolicy(text: string): Promise<TrustPolicy> {
  if (text.length > policyLimit) throw fault(`it has more than ${policyLimit} characters`);
  const { parseDocument } = await import("../documents/yaml-reader.ts");
  const document = parseDocument(text, { logLevel: "silent" });
  const [error] = document.errors;
  if (error !== undefined) throw fault(error.message.split("\n")[0]!.replace(/:$/, ""));
  const root = new Decoder(document.toJS({ maxAliasCount: 0 }), "policy", fault);
  only(root, "signers", "rules");
  const signers = root.get("signers").list(most).map(readSigner);
  const names = signers.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw fault(`policy.signers has ${JSON.stringify(twice)} twice`);
  const rules = root
    .get("rules")
    .list(most)
    .map((item): TrustRule => {
      only(item, "namespaces", "signedBy");
      const namespaces = item.get("namespaces").list(most).map(namespacePattern);
      const signedBy = item
        .get("signedBy")
        .list(most)
        .map((each) => each.is(...names));
      // Nobody could ever keep it, or it would bind nothing: neither is what its author meant.
      if (signedBy.length === 0) throw fault(`${item.place}.signedBy is empty`);
      if (namespaces.length === 0) throw fault(`${item.place}.namespaces is empty`);
      return { namespaces, signedBy };
    });
  return { signers, rules };
}

/** The rules that bind a namespace. */
export function rulesFor(policy: TrustPolicy, namespace: string): TrustRule[] {
  const fits = (pattern: string) => (pattern.endsWith("*") ? namespace.startsWith(pattern.slice(0, -1)) : pattern === namespace);
  return policy.rules.filter(({ namespaces }) => namespaces.some(fits));
}

/** Reads a public key that counts here; throws `invalid` for anything else. */
export function readPublicKey(pem: string, place: string) {
  let key: ReturnType<typeof createPublicKey>;
  try {
    // Of a private key one would make a public one, silently: it has no business where keys are shown.
    if (!/^-----BEGIN (PUBLIC KEY|CERTIFICATE)-----/.test(pem.trim())) throw new Error("not a public key");
    key = createPublicKey(pem);
  } catch {
    throw fault(`${place} is not the PEM of a public key`);
  }
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw fault(`${place} is not an ECDSA key on the curve P-256`);
  return key;
}

function readSigner(item: Decoder): Signer {
  const name = item.get("name").text();
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) throw fault(`${item.place}.name is not a name`);
  const pem = item.optional("publicKey");
  if (pem !== undefined) {
    only(item, "name", "publicKey");
    readPublicKey(pem.text(), pem.place);
    return { name, publicKey: pem.text() };
  }
  only(item, "name", "subject", "issuer", "trustedRoot");
  const [subject, issuer] = [item.get("subject").text(), item.get("issuer").text()];
  const trustedRoot = item.get("trustedRoot");
  trustedRoot.get("certificateAuthorities").list(most);
  return { name, subject, issuer, trustedRoot: trustedRoot.value as object };
}

function namespacePattern(item: Decoder): string {
  const text = item.text();
  if (/^(\*|[a-z0-9]([a-z0-9-]*[a-z0-9])?|[a-z0-9][a-z0-9-]*\*)$/.test(text)) return text;
  throw fault(`${item.place} is neither a namespace nor the beginning of one with * at its end`);
}

function only(item: Decoder, ...known: string[]): void {
  if (typeof item.value !== "object" || item.value === null || Array.isArray(item.value))
    throw fault(`${item.place} is not an object`);
  const unknown = Object.keys(item.value).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw fault(`${item.place} has an unknown field ${JSON.stringify(unknown)}; it takes ${known.join(", ")}`);
}

function fault(what: string): SlipwayError {
  return new SlipwayError("invalid", `The trust policy cannot be used: ${what}.`, {
    hint: "See docs/trust.md for what it holds; the policy in force stays as it was.",
  });
}
