import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import type { Fetch, FetchResponse } from "@slipway/client";
import { RestClient } from "../rest/rest-client.ts";
import { gatewayCertificate, modelCertificate } from "./certificate-names.ts";
import { InstallationAuthority } from "./installation-authority.ts";
import { keepCertificate } from "./keep-certificate.ts";

interface Secret {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

const day = 86_400_000;
const { signal } = new AbortController();
const namespace = "slipway-system";

/** Secrets by name, in a server that answers as Kubernetes does. */
function world() {
  const secrets = new Map<string, Secret>();
  const calls: string[] = [];
  const fetch: Fetch = async (url, init) => {
    const name = new URL(url).pathname.split("/")[6];
    calls.push(`${init.method} ${name ?? ""}`);
    if (init.method === "GET") return secrets.has(name!) ? answer(secrets.get(name!)) : refusal(404, "NotFound");
    const secret = JSON.parse(String(init.body)) as Secret;
    if (init.method === "POST" && secrets.has(secret.metadata.name)) return refusal(409, "AlreadyExists");
    secrets.set(secret.metadata.name, secret);
    return answer(secret);
  };
  const clock = new VirtualClock();
  const rest = new RestClient({ baseUrl: "https://api.example", fetch });
  return { secrets, calls, clock, rest, open: () => InstallationAuthority.open({ rest, clock, namespace }, signal) };
}

const answer = (value: unknown) => Response.json(value) as FetchResponse;
const refusal = (code: number, reason: string) =>
  Response.json({ kind: "Status", code, reason, message: reason }, { status: code }) as FetchResponse;

test("two that make the authority at once have the same, and one that comes later too", async () => {
  const { open, secrets } = world();
  const [one, other] = await Promise.all([open(), open()]);
  assert.equal(one.certificate, other.certificate);
  assert.equal((await open()).certificate, one.certificate);
  assert.deepEqual(Object.keys(secrets.get("slipway-ca")!.data), ["tls.crt", "tls.key"]);
});

test("an authority that cannot be read is not replaced: every pod trusts the old one", async () => {
  const { open, secrets } = world();
  secrets.set("slipway-ca", { metadata: { name: "slipway-ca" }, data: { "tls.crt": "AAAA" } });
  await assert.rejects(open(), { code: "invalid", message: /slipway-system\/slipway-ca/ });
});

test("a certificate is written when there is none, kept for two thirds of its life, and then replaced", async () => {
  const { open, secrets, calls, clock, rest } = world();
  const authority = await open();
  const owner = modelCertificate("default", "digits");
  const keep = () =>
    keepCertificate({ rest, clock, authority, owner, metadata: { name: "slipway-digits-tls", namespace: "default" } }, signal);
  const text = (key: string) => Buffer.from(secrets.get("slipway-digits-tls")!.data[key]!, "base64").toString();
  const due = await keep();
  assert.ok(Math.abs(due - clock.now() - 20 * day) < 600_000, String(due - clock.now()));
  const first = new X509Certificate(text("tls.crt"));
  assert.equal(first.checkHost("digits.default.model.slipway"), "digits.default.model.slipway");
  assert.ok(first.checkIssued(new X509Certificate(text("ca.crt"))));
  assert.deepEqual(first.keyUsage, ["1.3.6.1.5.5.7.3.1"], "nobody is a client with it");
  await clock.advance(19 * day);
  const before = calls.length;
  assert.equal(await keep(), due);
  assert.deepEqual(calls.slice(before), ["GET slipway-digits-tls"]);
  await clock.advance(2 * day);
  await keep();
  assert.notEqual(new X509Certificate(text("tls.crt")).serialNumber, first.serialNumber);
});

test("a certificate of another authority, for another owner, or that is none, is replaced", async () => {
  const here = world();
  const authority = await here.open();
  const stranger = await world().open();
  const { cert } = await authority.issue(gatewayCertificate);
  assert.ok(authority.renewalOf(cert, gatewayCertificate) > here.clock.now());
  for (const text of [(await stranger.issue(gatewayCertificate)).cert, "", "garbage"])
    assert.equal(authority.renewalOf(text, gatewayCertificate), here.clock.now());
  assert.equal(authority.renewalOf(cert, modelCertificate("default", "digits")), here.clock.now());
});
