import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { issueLoopbackCertificate } from "./issue-loopback-certificate.ts";

const now = Date.parse("2026-03-01T00:00:00Z");
const day = 86_400_000;

test("issueLoopbackCertificate signs a server certificate for the loopback names only", async () => {
  const issued = await issueLoopbackCertificate({ now });
  const authority = new X509Certificate(issued.ca);
  const server = new X509Certificate(issued.cert);
  assert.equal(authority.ca, true);
  assert.equal(server.ca, false);
  assert.equal(server.verify(authority.publicKey), true);
  assert.equal(server.checkIssued(authority), true);
  assert.equal(server.checkIP("127.0.0.1"), "127.0.0.1");
  assert.equal(server.checkIP("::1"), "::1");
  assert.equal(server.checkHost("localhost"), "localhost");
  assert.equal(server.checkHost("example.com"), undefined);
  assert.equal(issued.expires, now + 365 * day);
  assert.match(issued.key, /^-----BEGIN PRIVATE KEY-----\n[\s\S]*-----END PRIVATE KEY-----\n$/);
});

test("issueLoopbackCertificate keeps a certificate until 30 days before its end", async () => {
  const current = await issueLoopbackCertificate({ now });
  assert.deepEqual(await issueLoopbackCertificate({ now: now + 335 * day, current }), current);
  const renewed = await issueLoopbackCertificate({ now: now + 336 * day, current });
  assert.notEqual(renewed.cert, current.cert);
  assert.equal(renewed.expires, now + (336 + 365) * day);
});

test("issueLoopbackCertificate replaces what it cannot read", async () => {
  const issued = await issueLoopbackCertificate({ now, current: { ca: "", cert: "not a certificate", key: "" } });
  assert.equal(issued.expires, now + 365 * day);
});
