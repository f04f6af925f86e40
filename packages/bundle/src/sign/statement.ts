import { type Digest, hexOf } from "../manifest/digest.ts";

/** What is signed: that this is the bundle, in the words that `cosign sign` uses for images. */
export const signedPredicate = "https://sigstore.dev/cosign/sign/v1";
/** The type of what an envelope holds, https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md. */
export const statementType = "application/vnd.in-toto+json";

/** The statement about a bundle, in one form. */
export function signedStatement(bundle: Digest): Buffer {
  return Buffer.from(
    JSON.stringify({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ digest: { sha256: hexOf(bundle) } }],
      predicateType: signedPredicate,
      predicate: {},
    }),
  );
}

/** Why a statement does not say that `bundle` is signed, as the end of a sentence; undefined when it does. */
export function statementProblem(payload: Buffer, bundle: Digest): string | undefined {
  let statement: Record<string, unknown>;
  try {
    statement = JSON.parse(payload.toString("utf8")) as Record<string, unknown>;
  } catch {
    return "what it signs is not JSON";
  }
  const { _type, subject, predicateType } = statement ?? {};
  if (_type !== "https://in-toto.io/Statement/v1") return "what it signs is not an in-toto statement";
  if (predicateType !== signedPredicate)
    return `it says something else than that it is signed: ${JSON.stringify(predicateType)?.slice(0, 100)}`;
  const subjects = Array.isArray(subject) ? (subject as { digest?: { sha256?: unknown } }[]) : [];
  if (subjects.some((each) => each?.digest?.sha256 === hexOf(bundle))) return undefined;
  return "it signs another digest";
}
