// "Only signed by": refused when a revision is made and again when it is loaded (catalogue D12), on a real platform.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { manifest } from "./harness/digits.ts";
import { eventually } from "./harness/eventually.ts";
import { noStack } from "./harness/no-stack.ts";
import { TestPlatform } from "./harness/platform.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}
interface Digits {
  readonly status: {
    readonly latestRevision?: string;
    readonly conditions: readonly Condition[];
    readonly instances?: readonly { readonly pid?: number; readonly revision: string }[];
  };
}

let platform: TestPlatform;
let scratch: ScratchFolder;
const file = (name: string) => join(scratch.path, name);
before(async () => {
  scratch = await ScratchFolder.create();
  platform = await TestPlatform.up();
  for (const name of ["release", "stranger"]) {
    execFileSync("openssl", ["ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", file(`${name}.key`)]);
    execFileSync("openssl", ["ec", "-in", file(`${name}.key`), "-pubout", "-out", file(`${name}.pub`)], { stdio: "ignore" });
  }
});
after(async () => {
  await platform.destroy();
  await scratch.remove();
});

async function trustOnly(name: "release" | "stranger"): Promise<void> {
  const publicKey = await readFile(file(`${name}.pub`), "utf8");
  const policy = { signers: [{ name, publicKey }], rules: [{ namespaces: ["default"], signedBy: [name] }] };
  await writeFile(file("policy.json"), JSON.stringify(policy));
  await platform.ok("trust", "set", file("policy.json"));
}

const apply = (version: "v1" | "v2") => platform.slipway(["apply", "-f", "-", "--wait", "--timeout", "20s"], manifest(version));
const digits = () => platform.json<Digits>("get", "model", "digits");
const condition = async (type: string) => (await digits()).status.conditions.find((each) => each.type === type);

test("an unsigned bundle gets no revision, a stranger's signature changes nothing, the right one lets it serve", async () => {
  await trustOnly("release");
  // The policy counts within a second of being set.
  await eventually("the policy is in force", 10, async () => {
    const planned = await platform.slipway(["plan", "-f", "-"], manifest("v1"));
    return /refused {3}sha256:[0-9a-f]{64} is not signed, and the trust policy wants .* signed by release/.test(planned.stdout);
  });
  await eventually("control knows it", 10, async () => /changed/.test(await platform.log("control")));
  const unsigned = await apply("v1");
  assert.equal(unsigned.code, 5, unsigned.stderr);
  noStack(unsigned);
  assert.match(unsigned.stderr, /is not signed, and the trust policy wants bundles of namespace default signed by release/);
  assert.equal((await digits()).status.latestRevision, undefined);
  assert.deepEqual(await platform.json<{ items: unknown[] }>("get", "revisions").then(({ items }) => items), []);

  await platform.ok("sign", "digits", "--key", file("stranger.key"));
  const foreign = await apply("v1");
  assert.equal(foreign.code, 5);
  assert.match(foreign.stderr, /has no signature that counts/);

  await platform.ok("sign", "digits", "--key", file("release.key"));
  const again = await platform.ok("sign", "digits", "--key", file("release.key"));
  assert.match(again.stdout, /signed by this key before/);
  const signed = await apply("v1");
  assert.equal(signed.code, 0, signed.stderr);
  assert.equal((await condition("Ready"))?.status, "True");
  const verified = await platform.ok("verify", "digits", "--key", file("release.pub"));
  assert.match(verified.stdout, /whole and signed by/);
});

test("the next version is refused while the old one answers on", async () => {
  const before = (await digits()).status.latestRevision;
  const unsigned = await apply("v2");
  assert.equal(unsigned.code, 5);
  const ready = await condition("Ready");
  assert.equal(ready?.reason, "NotTrusted");
  assert.match(ready.message, new RegExp(`; ${before} keeps answering\\.$`));
  assert.equal((await digits()).status.latestRevision, before);
  assert.equal((await fetch(`${platform.gateway}/v2/models/digits/ready`)).status, 200);
  const verify = await platform.slipway(["verify", "digits", "--key", file("release.pub")]);
  assert.equal(verify.code, 5);
  assert.match(verify.stderr, /has no signature/);
  assert.equal((await apply("v1")).code, 0, "back to what is signed");
});

test("what runs goes on when the policy changes, but no replica loads what is not trusted any more", async () => {
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" });
  await writeFile(
    file("policy.json"),
    JSON.stringify({ signers: [{ name: "audit", publicKey: pem }], rules: [{ namespaces: ["*"], signedBy: ["audit"] }] }),
  );
  await platform.ok("trust", "set", file("policy.json"));
  assert.equal((await condition("Ready"))?.status, "True");
  const [instance] = (await digits()).status.instances!;
  process.kill(instance!.pid!, "SIGKILL");
  const refused = await eventually("the replica refuses to load", 20, async () => {
    const stalled = await condition("Stalled");
    return stalled?.status === "True" && stalled;
  });
  assert.equal(refused.reason, "ModelInvalid");
  assert.match(refused.message, /cannot start: sha256:[0-9a-f]{64} has no signature that counts .* signed by audit/);
  const serve = await platform.slipway(["serve", await digest(), "--port", "0"]);
  assert.equal(serve.code, 5);
  assert.match(serve.stderr, /signed by audit/);

  await writeFile(join(platform.home, "trust.json"), "{ not a policy");
  const broken = await platform.slipway(["serve", await digest(), "--port", "0"]);
  assert.equal(broken.code, 5, "a policy that cannot be read lets nothing run");
  await platform.ok("trust", "clear");
  await eventually("it serves again", 30, async () => (await condition("Ready"))?.status === "True");
});

async function digest(): Promise<string> {
  const model = await platform.json<{ spec: { source: { bundle: string } } }>("get", "model", "digits");
  return model.spec.source.bundle;
}
