// The images that a cluster runs, made on this machine, pushed to a real registry, and run from their layers without any of this machine's files.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { systemClock } from "@slipway/base";
import {
  type Architecture,
  bundleLabel,
  composeImage,
  composeRelease,
  type Image,
  packLayer,
  parseReference,
  pushRelease,
  RegistryClient,
  type Release,
  readImageBundle,
  readRelease,
  registrySource,
} from "@slipway/bundle";
import { realRegistry, registryMissing } from "@slipway/testkit";
import { type CommandResult, root, run } from "./harness/platform.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";

const architecture: Architecture = process.arch === "arm64" ? "arm64" : "amd64";
const foreign: Architecture = architecture === "amd64" ? "arm64" : "amd64";
/** What apt or npm say when they reach nothing. */
const offline = /Could not resolve|Failed to fetch|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|do not have all of|needs apt-get/;

let scratch: ScratchFolder;
const client = new RegistryClient({ clock: systemClock });
before(async () => {
  scratch = await ScratchFolder.create();
});
after(async () => {
  await client.close();
  await scratch.remove();
});

test("a runtime image and a model on it, for both architectures; this machine's runs by itself", {
  skip: registryMissing,
}, async (t) => {
  const { host } = await realRegistry(t);
  const made = await slipway("runtime-image", "--to", `${host}/runtime:1`, "-o", "json");
  if (made.code !== 0 && offline.test(made.stderr)) return t.skip(`no parts can be fetched: ${made.stderr.trim()}`);
  assert.equal(made.code, 0, made.stderr);
  for (const name of [architecture, foreign])
    assert.match(
      made.stderr,
      new RegExp(`^${name}: \\d+ MB, [1-9]\\d programs and libraries checked file by file, not run here$`, "m"),
    );
  const { image, architectures } = JSON.parse(made.stdout) as {
    image: string;
    architectures: { architecture: string; digest: string }[];
  };
  const runtime = await read(image);
  assert.deepEqual(runtime.images.map((each) => each.architecture).sort(), ["amd64", "arm64"]);
  for (const each of runtime.images) {
    assert.equal(each.run.user, "65532:65532");
    assert.ok(each.blobs.reduce((sum, blob) => sum + blob.size, 0) < 150e6);
  }

  // Made again, for one architecture: the same image.
  const again = await slipway("runtime-image", "--architecture", architecture, "--to", `${host}/again`);
  assert.equal(again.stdout.trim().split("@")[1], architectures.find((each) => each.architecture === architecture)!.digest);

  // On somebody's image, with everything needed below; and on one that lacks it.
  const above = await slipway("runtime-image", "--architecture", foreign, "--base", image, "--to", `${host}/above`);
  assert.equal(above.code, 0, above.stderr);
  const plain = await pushPlain(host);
  const lacking = await slipway("runtime-image", "--architecture", architecture, "--base", plain, "--to", `${host}/above`);
  assert.equal(lacking.code, 5);
  assert.match(lacking.stderr, /\/slipway\/bin\/node needs libc\.so\.6, which is not in the image/);

  const model = await slipway("image", "-f", "examples/digits/model.yaml", "--to", `${host}/digits`, "--runtime", image);
  assert.equal(model.code, 0, model.stderr);
  const release = await read(model.stdout.trim());
  const own = release.images.find((each) => each.architecture === architecture)!;
  if (process.getuid?.() !== 0) return t.diagnostic("the image is not run: that needs root, to enter its file system");
  const folder = await unpack(own);
  const version = await inside(folder, own, "version");
  assert.match(version.stdout, /^slipway .*linux-/, version.stderr);
  const doctor = await inside(folder, own, "doctor", "-o", "json");
  assert.match(doctor.stdout, /"ONNX Runtime",\s+"state": "ok"/, doctor.stderr);
  // What a replica looks at before it serves: the bundle in its own image.
  const bundle = await readImageBundle(folder);
  assert.equal(bundle.digest, own.run.labels[bundleLabel]);
  assert.equal("model" in bundle && bundle.model, "model/model.onnx");
});

function slipway(...args: string[]): Promise<CommandResult> {
  return run(join(root, "bin", "slipway"), args, { env: { SLIPWAY_HOME: join(scratch.path, "home") } });
}

/** An image with nothing that a program needs. */
async function pushPlain(registry: string): Promise<string> {
  const layer = await packLayer([{ path: "readme", mode: 0o644, content: Buffer.from("nothing") }]);
  const run = { entrypoint: ["/readme"], user: "0", env: [], labels: {} };
  const release = composeRelease([composeImage(architecture, [layer], run)]);
  await pushRelease(client, { registry, name: "plain" }, release);
  return `${registry}/plain@${release.document.digest}`;
}

function read(reference: string): Promise<Release> {
  return readRelease(registrySource(client, parseReference(reference)));
}

/** The image's file system, layer over layer, in a folder. */
async function unpack({ layers }: Image): Promise<string> {
  const folder = join(scratch.path, "root");
  await mkdir(folder);
  for (const { blob } of layers) {
    const tar = spawn("tar", ["-x", blob.mediaType.endsWith("gzip") ? "-zf" : "-f", "-", "-C", folder], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    const ended = new Promise((resolve) => tar.once("close", resolve));
    for await (const chunk of blob.open(0))
      if (!tar.stdin.write(chunk)) await new Promise((resolve) => tar.stdin.once("drain", resolve));
    tar.stdin.end();
    assert.equal(await ended, 0);
  }
  return folder;
}

/** Runs the image's program in its own file system, as its own user. Nothing is mounted: no /proc, no /dev. */
function inside(folder: string, image: Image, ...args: string[]): Promise<CommandResult> {
  return run("chroot", [`--userspec=${image.run.user}`, folder, ...image.run.entrypoint, ...args], {
    env: { HOME: "/tmp", SLIPWAY_HOME: "/tmp/home" },
  });
}
