import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { Authority } from "./authority.ts";

const now = Date.parse("2026-03-01T00:00:00Z");
const day = 86_400_000;

test("an authority that is kept signs as it did before, for the names and uses that are asked for", async () => {
  const made = await Authority.create({ name: "test", now, lifetimeMs: 100 * day, keep: true });
  const opened = await Authority.open({ certificate: made.certificate, key: await made.exportKey() });
  const leaf = await opened.issue({
    subject: "CN=digits",
    names: [
      { type: "dns", value: "digits.default.model.slipway" },
      { type: "url", value: "spiffe://slipway.dev/ns/default/model/digits" },
    ],
    usages: ["serverAuth"],
    now,
    lifetimeMs: 30 * day,
  });
  const certificate = new X509Certificate(leaf.cert);
  const authority = new X509Certificate(made.certificate);
  assert.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
  assert.equal(certificate.subjectAltName, "DNS:digits.default.model.slipway, URI:spiffe://slipway.dev/ns/default/model/digits");
  assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(leaf.key)));
  assert.equal(leaf.expires, now + 30 * day);
});

test("no leaf outlives its authority", async () => {
  const authority = await Authority.create({ name: "short", now, lifetimeMs: day });
  const leaf = await authority.issue({ subject: "CN=x", names: [], usages: ["serverAuth"], now, lifetimeMs: 30 * day });
  assert.equal(leaf.expires, now + day);
});

test("the key of one that is not kept cannot leave, and what is no authority is not opened", async () => {
  const authority = await Authority.create({ name: "gone", now, lifetimeMs: day });
  await assert.rejects(authority.exportKey());
  await assert.rejects(Authority.open({ certificate: authority.certificate, key: "no key" }), { code: "invalid" });
  await assert.rejects(Authority.open({ certificate: "", key: "" }), { code: "invalid" });
});
