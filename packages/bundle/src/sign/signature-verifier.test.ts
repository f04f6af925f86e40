import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import type { Digest } from "../manifest/digest.ts";
import { type SigstoreJson, sigstoreWorld } from "../testing/sigstore-world.ts";
import { readSigningKey, signBundle } from "./sign-bundle.ts";
import { signatureVerifier } from "./signature-verifier.ts";
import { signedStatement } from "./statement.ts";

const bundle: Digest = `sha256:${"a".repeat(64)}`;
const other: Digest = `sha256:${"b".repeat(64)}`;
const verify = await signatureVerifier();
const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, publicKey: publicKey.export({ type: "spki", format: "pem" }) as string };
};
const [mine, theirs] = [pair(), pair()];
const world = await sigstoreWorld();
const strangers = await sigstoreWorld();
const ci = {
  name: "ci",
  subject: "https://ci.example/acme/models",
  issuer: "https://token.example",
  trustedRoot: world.trustedRoot,
};
const flipped = (base64: string, at = -1) => {
  const bytes = Buffer.from(base64, "base64");
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes.toString("base64");
};

test("a key's signature counts for its bundle and its key, and for nothing else", async () => {
  const signature = await signBundle(bundle, mine.privateKey);
  const key = { name: "release", publicKey: mine.publicKey };
  assert.equal(verify(signature, bundle, key), undefined);
  assert.match(verify(signature, other, key)!, /signs another digest/);
  assert.match(verify(signature, bundle, { name: "x", publicKey: theirs.publicKey })!, /signature verification failed/);
  assert.match(verify(signature, bundle, ci)!, /made with a key and not with a certificate/);
  const json = JSON.parse(signature.toString()) as SigstoreJson;
  assert.equal(json.mediaType, "application/vnd.dev.sigstore.bundle.v0.3+json");
  // The hint is whatever its maker likes.
  json.verificationMaterial.publicKey.hint = "x";
  assert.equal(verify(JSON.stringify(json), bundle, key), undefined);
});

const entry = (json: SigstoreJson) => json.verificationMaterial.tlogEntries[0];
const statement = (change: object) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(signedStatement(bundle).toString()), ...change })).toString("base64");

/** One thing wrong each, in a signature by an identity that was good. */
const broken: readonly [what: string, change: (json: SigstoreJson) => void][] = [
  ["no media type", (json) => delete json.mediaType],
  ["a media type of the future", (json) => (json.mediaType = "application/vnd.dev.sigstore.bundle.v9.0+json")],
  ["no verification material", (json) => delete json.verificationMaterial],
  ["no certificate", (json) => delete json.verificationMaterial.certificate],
  ["a certificate that is none", (json) => (json.verificationMaterial.certificate.rawBytes = "AAAA")],
  [
    "a certificate with a flipped bit in its signature",
    (json) => (json.verificationMaterial.certificate.rawBytes = flipped(json.verificationMaterial.certificate.rawBytes)),
  ],
  [
    "a certificate with a flipped bit in its middle",
    (json) => (json.verificationMaterial.certificate.rawBytes = flipped(json.verificationMaterial.certificate.rawBytes, 200)),
  ],
  [
    "a key's hint in place of the certificate",
    (json) => (json.verificationMaterial = { ...json.verificationMaterial, certificate: undefined, publicKey: { hint: "x" } }),
  ],
  ["no record of a log", (json) => (json.verificationMaterial.tlogEntries = [])],
  ["no time of the record", (json) => (entry(json).integratedTime = "0")],
  ["another time of the record", (json) => (entry(json).integratedTime = String(Number(entry(json).integratedTime) + 1))],
  [
    "a time after the certificate's end",
    (json) => (entry(json).integratedTime = String(Number(entry(json).integratedTime) + 3600)),
  ],
  ["an unknown log", (json) => (entry(json).logId.keyId = flipped(entry(json).logId.keyId))],
  [
    "no promise and no proof",
    (json) => {
      delete entry(json).inclusionPromise;
      delete entry(json).inclusionProof;
    },
  ],
  ["no proof of inclusion", (json) => delete entry(json).inclusionProof],
  [
    "a promise with a flipped bit",
    (json) => (entry(json).inclusionPromise.signedEntryTimestamp = flipped(entry(json).inclusionPromise.signedEntryTimestamp)),
  ],
  ["a proof with another root", (json) => (entry(json).inclusionProof.rootHash = flipped(entry(json).inclusionProof.rootHash))],
  ["a proof of a larger tree without its hashes", (json) => (entry(json).inclusionProof.treeSize = "5")],
  ["a proof with a hash too many", (json) => (entry(json).inclusionProof.hashes = [entry(json).inclusionProof.rootHash])],
  ["a proof with a negative index", (json) => (entry(json).inclusionProof.logIndex = "-1")],
  ["no checkpoint", (json) => delete entry(json).inclusionProof.checkpoint],
  [
    "a checkpoint of another root",
    (json) =>
      (entry(json).inclusionProof.checkpoint.envelope = entry(json).inclusionProof.checkpoint.envelope.replace(
        /\n[A-Za-z0-9+/]{43}=\n/,
        `\n${Buffer.alloc(32).toString("base64")}\n`,
      )),
  ],
  [
    "a checkpoint without its signature",
    (json) => (entry(json).inclusionProof.checkpoint.envelope = entry(json).inclusionProof.checkpoint.envelope.split("\n\n")[0]),
  ],
  ["the same record twice", (json) => json.verificationMaterial.tlogEntries.push(entry(json))],
  ["a record of another kind", (json) => (entry(json).kindVersion.kind = "hashedrekord")],
  ["a record of another version", (json) => (entry(json).kindVersion.version = "9.9.9")],
  ["a record that is no JSON", (json) => (entry(json).canonicalizedBody = "AAAA")],
  [
    "a record of another signature",
    (json) =>
      (entry(json).canonicalizedBody = Buffer.from(
        JSON.stringify({
          ...JSON.parse(Buffer.from(entry(json).canonicalizedBody, "base64").toString()),
          spec: { signatures: [{ signature: "AAAA" }], payloadHash: { value: "" } },
        }),
      ).toString("base64")),
  ],
  ["no envelope", (json) => delete json.dsseEnvelope],
  ["an envelope without a signature", (json) => (json.dsseEnvelope.signatures = [])],
  ["an envelope with two signatures", (json) => json.dsseEnvelope.signatures.push(json.dsseEnvelope.signatures[0])],
  ["an empty signature", (json) => (json.dsseEnvelope.signatures[0].sig = "")],
  [
    "a signature with a flipped bit",
    (json) => (json.dsseEnvelope.signatures[0].sig = flipped(json.dsseEnvelope.signatures[0].sig)),
  ],
  ["another type of what is signed", (json) => (json.dsseEnvelope.payloadType = "text/plain")],
  ["no payload", (json) => (json.dsseEnvelope.payload = "")],
  ["a payload that is no JSON", (json) => (json.dsseEnvelope.payload = "AAAA")],
  ["a payload about another digest", (json) => (json.dsseEnvelope.payload = signedStatement(other).toString("base64"))],
  [
    "a payload that also names the digest",
    (json) =>
      (json.dsseEnvelope.payload = statement({
        subject: [{ digest: { sha256: "b".repeat(64) } }, { digest: { sha256: "a".repeat(64) } }],
      })),
  ],
  [
    "a statement of another version",
    (json) => (json.dsseEnvelope.payload = statement({ _type: "https://in-toto.io/Statement/v9" })),
  ],
  [
    "a statement of something else",
    (json) => (json.dsseEnvelope.payload = statement({ predicateType: "https://slsa.dev/provenance/v1" })),
  ],
  ["a statement without a subject", (json) => (json.dsseEnvelope.payload = statement({ subject: [] }))],
  [
    "a message in place of the envelope",
    (json) => {
      delete json.dsseEnvelope;
      json.messageSignature = { messageDigest: { algorithm: "SHA2_256", digest: "qqo=" }, signature: "AAAA" };
    },
  ],
];

test("an identity's signature counts, whole and for its own bundle; with any one thing wrong it does not", async () => {
  const good = await world.signed(bundle);
  assert.equal(verify(JSON.stringify(good), bundle, ci), undefined);
  const counting: string[] = [];
  for (const [what, change] of broken) {
    const json = structuredClone(good);
    change(json);
    assert.notDeepEqual(json, good, what);
    const problem = verify(JSON.stringify(json), bundle, ci);
    if (problem === undefined || problem.length <= 5) counting.push(what);
  }
  assert.deepEqual(counting, []);
  assert.ok(broken.length >= 40);
});

test("who signed is compared whole, and must come of the trusted root", async () => {
  const by = async (subject: string, issuer = "https://token.example") =>
    JSON.stringify(await world.signed(bundle, { subject, issuer }));
  for (const subject of [
    "https://ci.example/acme/models/evil",
    "https://evil.example/?https://ci.example/acme/models",
    "https://ciXexample/acme/models",
  ])
    assert.match(verify(await by(subject), bundle, ci)!, /it is by .* and not by/, subject);
  assert.match(verify(await by(ci.subject, "https://token.example.evil"), bundle, ci)!, /vouches for it/);
  assert.ok(verify(JSON.stringify(await strangers.signed(bundle)), bundle, ci), "another root's certificate");
  const mixed = await world.signed(bundle);
  const foreign = await strangers.signed(bundle);
  mixed.verificationMaterial.tlogEntries = foreign.verificationMaterial.tlogEntries;
  assert.ok(verify(JSON.stringify(mixed), bundle, ci), "another root's log");
  assert.match(verify(JSON.stringify(await world.signed(other)), bundle, ci)!, /another digest/);
  const key = { name: "release", publicKey: mine.publicKey };
  assert.match(verify(JSON.stringify(await world.signed(bundle)), bundle, key)!, /certificate and not with the key/);
});

test("a certificate that was over, or not yet begun, when the signature was recorded does not count", async () => {
  const at = new Date();
  for (const [minutes, counts] of [
    [5, true],
    [11, false],
    [-1, false],
  ] as const) {
    const then = await sigstoreWorld({ at, loggedAt: new Date(at.getTime() + minutes * 60_000) });
    const problem = verify(JSON.stringify(await then.signed(bundle)), bundle, { ...ci, trustedRoot: then.trustedRoot });
    assert.equal(problem === undefined, counts, `${minutes} minutes: ${problem}`);
  }
});

test("what is no signature at all is refused in words", () => {
  const key = { name: "release", publicKey: mine.publicKey };
  for (const text of ["", "null", "[]", "{}", '"x"', "{", "1", "x".repeat(2 ** 14 + 1), JSON.stringify({ mediaType: 7 })])
    for (const signer of [key, ci]) assert.ok((verify(text, bundle, signer) ?? "").length > 5, text.slice(0, 20));
});

test("a key that cannot sign is refused with what makes one", () => {
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const sealed = mine.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "planted" }) as string;
  for (const [pem, message] of [
    ["", /not the PEM/],
    [mine.publicKey, /not the PEM/],
    [p384, /P-256/],
    [rsa, /P-256/],
    ["-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nx\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----", /cosign's own/],
    [sealed, /no passphrase/],
  ] as const)
    assert.throws(() => readSigningKey(pem, undefined), { code: "invalid", message });
  assert.throws(() => readSigningKey(sealed, "wrong"), { message: /does not fit/ });
  assert.equal(readSigningKey(sealed, "planted").type, "private");
});
