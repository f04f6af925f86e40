import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { dsse } from "@sigstore/core";
import { initializeCA, initializeCTLog, initializeTLog } from "@sigstore/mock";
import type { Digest } from "../manifest/digest.ts";
import { signedStatement, statementType } from "../sign/statement.ts";

/** What may be otherwise about a signature of a {@link sigstoreWorld}. */
export interface SignatureOptions {
  readonly subject?: string;
  readonly issuer?: string;
  /** What is signed. */
  readonly payload?: Buffer;
  readonly payloadType?: string;
}

/** The JSON of a Sigstore bundle, open to be broken. */
// biome-ignore lint/suspicious/noExplicitAny: tests break any part of it.
export type SigstoreJson = any;

const issuerOid = "1.3.6.1.4.1.57264.1.8";

/** Sigstore of one's own, in memory: an authority for certificates, its log, and the log of signatures. `at` is what time it is there; the log may have its own. */
export async function sigstoreWorld({ at = new Date(), loggedAt = at }: { at?: Date; loggedAt?: Date } = {}) {
  const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
  const ctlog = await initializeCTLog(ec("P-256"), at);
  const ca = await initializeCA(ec("P-384"), ctlog, at);
  const tlog = await initializeTLog("https://log.example", ec("P-256"), loggedAt);
  const der = (bytes: ArrayBufferView) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const log = (publicKey: Buffer) => ({
    baseUrl: "https://log.example",
    hashAlgorithm: "SHA2_256",
    publicKey: {
      rawBytes: publicKey.toString("base64"),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: { start: "2020-01-01T00:00:00Z" },
    },
    logId: { keyId: createHash("sha256").update(publicKey).digest("base64") },
  });
  const trustedRoot = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [log(tlog.publicKey)],
    ctlogs: [log(ctlog.publicKey)],
    certificateAuthorities: [
      {
        subject: { organization: "sigstore.mock", commonName: "sigstore" },
        uri: "https://ca.example",
        certChain: { certificates: [{ rawBytes: der(ca.rootCertificate).toString("base64") }] },
        validFor: { start: "2020-01-01T00:00:00Z" },
      },
    ],
    timestampAuthorities: [],
  };

  async function signed(
    bundle: Digest,
    {
      subject = "https://ci.example/acme/models",
      issuer = "https://token.example",
      payload = signedStatement(bundle),
      payloadType = statementType,
    }: SignatureOptions = {},
  ): Promise<SigstoreJson> {
    const key = ec("P-256");
    const certificate = await ca.issueCertificate({
      publicKey: key.publicKey.export({ type: "spki", format: "der" }),
      subjectAltName: subject,
      extensions: [{ oid: issuerOid, value: issuer }],
    });
    const signature = sign("sha256", dsse.preAuthEncoding(payloadType, payload), key.privateKey);
    const pem = `-----BEGIN CERTIFICATE-----\n${der(certificate).toString("base64")}\n-----END CERTIFICATE-----\n`;
    const entry = await tlog.log({
      kind: "dsse",
      apiVersion: "0.0.1",
      spec: {
        payloadHash: { algorithm: "sha256", value: createHash("sha256").update(payload).digest("hex") },
        signatures: [{ signature: signature.toString("base64"), verifier: Buffer.from(pem).toString("base64") }],
      },
    });
    const [record] = Object.values(entry) as SigstoreJson[];
    const { inclusionProof, signedEntryTimestamp } = record.verification;
    return {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: {
        certificate: { rawBytes: der(certificate).toString("base64") },
        tlogEntries: [
          {
            logIndex: String(record.logIndex),
            logId: { keyId: Buffer.from(record.logID, "hex").toString("base64") },
            kindVersion: { kind: "dsse", version: "0.0.1" },
            integratedTime: String(record.integratedTime),
            inclusionPromise: { signedEntryTimestamp },
            inclusionProof: {
              logIndex: String(inclusionProof.logIndex),
              rootHash: Buffer.from(inclusionProof.rootHash, "hex").toString("base64"),
              treeSize: String(inclusionProof.treeSize),
              hashes: [],
              checkpoint: { envelope: inclusionProof.checkpoint },
            },
            canonicalizedBody: record.body,
          },
        ],
        timestampVerificationData: { rfc3161Timestamps: [] },
      },
      dsseEnvelope: {
        payload: payload.toString("base64"),
        payloadType,
        signatures: [{ sig: signature.toString("base64"), keyid: "" }],
      },
    };
  }
  return { trustedRoot, signed };
}
