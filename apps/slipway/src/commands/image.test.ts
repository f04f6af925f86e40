import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { composeImage, composeRelease, packLayer, pushRelease, RegistryClient, runtimeCommand } from "@slipway/bundle";
import { containers } from "@slipway/kubernetes";
import { realRegistry, registryMissing, registryUser } from "@slipway/testkit";
import { runForTest } from "../testing/run-cli.ts";

const digits = join(import.meta.dirname, "../../../../examples/digits");
const byDigest = /^127\.0\.0\.1:\d+\/[a-z/]+@sha256:[0-9a-f]{64}\n$/;

test("a pod runs what is in the image", () => {
  assert.deepEqual(containers.command, runtimeCommand);
});

test("wrong use of the commands is said before anything is done", async () => {
  const env = { HOME: "/nowhere" };
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["image"], /Name either a bundle or/],
    [["image", "x"], /where the image goes/],
    [["image", "x", "--to", "r.io/x", "--layout", "d"], /where the image goes/],
    [["image", "x", "--to", "r.io/x", "-o", "yaml"], /goes with -f/],
    [["image", "x", "--to", "r.io/x"], /none is named/],
    [["runtime-image"], /where the image goes/],
    [["runtime-image", "--to", "r.io/x", "--architecture", "sparc"], /not an architecture/],
    [["push", "x", "digits"], /not a reference/],
    [["push", "x", "r.io/x", "--insecure-registry", "http://r.io"], /not the host/],
    [["pull", "r.io"], /not a reference/],
    [["copy", "r.io/x", "digits"], /not a reference/],
    [["copy", "r.io/x", `r.io/y@sha256:${"a".repeat(64)}`], /A digest is what comes of a push/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runForTest(args, { env });
    assert.ok(code === 2 || code === 5, `${args.join(" ")}: ${code}`);
    assert.match(stderr, message);
  }
});

describe("with a registry", { skip: registryMissing }, () => {
  test("image, push and pull: a manifest becomes an image, and its bundle comes back to another home", async (t) => {
    const { host, runtime, home, env, cwd } = await setUp(t);
    const base = { env: { ...env, SLIPWAY_HOME: home(), SLIPWAY_RUNTIME_IMAGE: runtime }, cwd };
    const yaml = await runForTest(["image", "-f", "model.yaml", "--to", `${host}/models/digits:v1`, "-o", "yaml"], base);
    assert.equal(yaml.code, 0, yaml.stderr);
    const [, bundle] = /bundle: (sha256:[0-9a-f]{64})\n/.exec(yaml.stdout)!;
    const [, image] = /image: (\S+@sha256:[0-9a-f]{64})\n/.exec(yaml.stdout)!;
    assert.ok(image!.startsWith(`${host}/models/digits@`));
    assert.match(yaml.stdout, /# kept as it is/);
    assert.doesNotMatch(yaml.stdout, /path:/);

    const again = await runForTest(["image", "digits", "--to", `${host}/models/digits`], base);
    assert.match(again.stdout, byDigest);
    assert.equal(again.stdout.trim(), image);
    const pushed = await runForTest(["push", "digits", `${host}/bundles/digits:v1`], base);
    assert.equal(pushed.stdout.trim(), `${host}/bundles/digits@${bundle}`);
    const layout = await runForTest(["image", "digits", "--layout", "image"], base);
    assert.equal(layout.stdout.trim(), image!.split("@")[1]);
    const fromLayout = await runForTest(["push", "--layout", "image", `${host}/other/digits`], base);
    assert.equal(fromLayout.stdout.trim(), `${host}/other/digits@${image!.split("@")[1]}`);

    for (const reference of [image!, `${host}/models/digits:v1`, `${host}/bundles/digits:v1`]) {
      const pulled = await runForTest(["pull", reference, "-o", "json"], { env: { ...env, SLIPWAY_HOME: home() }, cwd });
      assert.equal(pulled.code, 0, pulled.stderr);
      assert.equal(JSON.parse(pulled.stdout).digest, bundle);
    }
    const elsewhere = { env: { ...env, SLIPWAY_HOME: home() }, cwd };
    await runForTest(["pull", `${host}/bundles/digits:v1`], elsewhere);
    for (const document of ["sbom", "provenance"]) {
      const [here, there] = [base, elsewhere].map((at) => runForTest(["inspect", bundle!, "--show", document], at));
      assert.equal((await there!).code, 0, (await there!).stderr);
      assert.equal((await there!).stdout, (await here!).stdout);
    }
    for (const [from, to] of [
      [`${host}/bundles/digits:v1`, `${host}/released/digits:v1`],
      [image!, `${host}/released/image:v1`],
    ] as const) {
      const copied = await runForTest(["copy", from, to], base);
      assert.equal(copied.code, 0, copied.stderr);
      assert.equal(copied.stdout.split("@")[1], `${from === image ? image.split("@")[1] : bundle}\n`);
      assert.match(copied.stderr, /0 blobs sent .*taken over/);
      const there = { env: { ...env, SLIPWAY_HOME: home() }, cwd };
      const pulled = await runForTest(["pull", to, "-o", "json"], there);
      assert.equal(JSON.parse(pulled.stdout).digest, bundle);
      if (from !== image) assert.equal((await runForTest(["inspect", bundle!, "--show", "sbom"], there)).code, 0);
    }
    const nothing = await runForTest(["copy", `${host}/models/digits:v9`, `${host}/released/none`], base);
    assert.equal(nothing.code, 3);
    const missing = await runForTest(["pull", `${host}/models/digits:v9`], base);
    assert.equal(missing.code, 3);
    assert.match(missing.stderr, /has no image .*:v9/);
    const plain = await runForTest(["pull", runtime], base);
    assert.equal(plain.code, 5);
    assert.match(plain.stderr, /without a model/);
  });

  test("the login is that of docker login, and a wrong one is said without showing it", async (t) => {
    const { host, runtime, home, env, cwd } = await setUp(t, "password");
    const config = (password: string) =>
      writeFile(
        join(env.DOCKER_CONFIG, "config.json"),
        JSON.stringify({ auths: { [host]: { username: registryUser.username, password } } }),
      );
    const base = { env: { ...env, SLIPWAY_HOME: home(), SLIPWAY_RUNTIME_IMAGE: runtime }, cwd };
    await config(registryUser.password);
    const right = await runForTest(["image", "-f", "model.yaml", "--to", `${host}/m/digits`], base);
    assert.match(right.stdout, byDigest, right.stderr);
    await config("planted-secret");
    const wrong = await runForTest(["push", "digits", `${host}/m/digits`], base);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /who you are/);
    assert.doesNotMatch(wrong.stderr + wrong.stdout, /planted-secret/);
  });
});

async function setUp(t: TestContext, auth?: "password") {
  const cwd = await mkdtemp(join(tmpdir(), "slipway-image-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  await cp(join(digits, "v1"), join(cwd, "v1"), { recursive: true });
  const manifest = await readFile(join(digits, "model.yaml"), "utf8");
  await writeFile(join(cwd, "model.yaml"), `# kept as it is\n${manifest}`);
  const { host } = await realRegistry(t, auth === undefined ? {} : { auth });
  const client = new RegistryClient({ clock: systemClock, credentials: async () => registryUser });
  t.after(() => client.close());
  const run = { entrypoint: runtimeCommand, user: "65532:65532", env: [], labels: {} };
  const layer = await packLayer([{ path: "x", mode: 0o644, content: Buffer.from("x") }]);
  await pushRelease(client, { registry: host, name: "runtime" }, composeRelease([composeImage("amd64", [layer], run)]), {
    tag: "1",
  });
  let homes = 0;
  const env = { HOME: cwd, DOCKER_CONFIG: cwd };
  return { host, runtime: `${host}/runtime:1`, home: () => join(cwd, `home-${homes++}`), env, cwd };
}
