import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import type { Digest } from "../manifest/digest.ts";
import { signBundle } from "./sign-bundle.ts";
import { trustJudge } from "./trust-judge.ts";
import { readTrustPolicy } from "./trust-policy.ts";

const bundle: Digest = `sha256:${"a".repeat(64)}`;
const keys = [0, 1].map(() => generateKeyPairSync("ec", { namedCurve: "P-256" }));
const pem = (index: number) => keys[index]!.publicKey.export({ type: "spki", format: "pem" }) as string;
const indented = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
const signature = async (index: number) => (await signBundle(bundle, keys[index]!.privateKey)).toString();
const head = `signers:
  - name: release
    publicKey: |
${indented(pem(0))}
  - name: audit
    publicKey: |
${indented(pem(1))}
rules:
`;

test("rules bind the namespaces they name, and each that fits must be kept", async () => {
  const policy = await readTrustPolicy(`${head}
  - { namespaces: ["*"], signedBy: [release, audit] }
  - { namespaces: [prod, "prod-*"], signedBy: [audit] }
`);
  const judge = await trustJudge(policy);
  const [release, audit] = [await signature(0), await signature(1)];
  const may = (namespace: string, ...signatures: string[]) => judge({ namespace, bundle, signatures });
  assert.match(
    may("default")!,
    /is not signed, and the trust policy wants bundles of namespace default signed by release or audit\.$/,
  );
  assert.equal(may("default", release), undefined);
  assert.equal(may("default", "nonsense", release), undefined);
  assert.match(may("prod", release)!, /no signature that counts \(signature verification failed\).* signed by audit/);
  assert.match(may("prod-eu", release)!, /signed by audit/);
  assert.equal(may("prod-eu", release, audit), undefined);
  assert.equal(may("production", release), undefined, "a name is no beginning");
  const many = Array.from({ length: 20 }, () => "nonsense");
  assert.match(may("default", ...many, release)!, /no signature that counts/, "nobody is made to try for ever");
});

test("without rules everything may run", async () => {
  const judge = await trustJudge({ signers: [], rules: [] });
  assert.equal(judge({ namespace: "x", bundle, signatures: [] }), undefined);
});

test("a policy that says what its author cannot have meant is refused with the place", async () => {
  const privatePem = keys[0]!.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const cases: readonly [text: string, message: RegExp][] = [
    ["", /policy is not an object/],
    ["rules: []", /policy\.signers is missing/],
    ["rules: [", /cannot be used/],
    ["signers: []\nrules: []\nrule: []", /unknown field "rule"/],
    ["signers: []\nrules: [{ namespaces: [a], signedBy: [x] }]", /signedBy\[0\]/],
    [`${head}  - { namespaces: [a], signedBy: [] }`, /signedBy is empty/],
    [`${head}  - { namespaces: [], signedBy: [audit] }`, /namespaces is empty/],
    [`${head}  - { namespaces: ["*a"], signedBy: [audit] }`, /namespaces\[0\]/],
    [`${head}  - { namespaces: [a], signedBy: [audit], except: [b] }`, /unknown field "except"/],
    [head.replace("audit", "release"), /"release" twice|is missing|not a list/],
    ["signers: [{ name: a, publicKey: x }]\nrules: []", /not the PEM of a public key/],
    [JSON.stringify({ signers: [{ name: "a", publicKey: privatePem }], rules: [] }), /not the PEM of a public key/],
    ["signers: [{ name: a, subject: x, issuer: y }]\nrules: []", /trustedRoot is missing/],
    ["signers: [{ name: a, publicKey: x, subject: y }]\nrules: []", /unknown field "subject"/],
  ];
  for (const [text, message] of cases) await assert.rejects(readTrustPolicy(text), { code: "invalid", message }, text);
});
