// Hostile model directories, digests and model files (catalogue D, E1 to E8): refused by name, and nothing is stored.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, link, mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DigitsPlatform } from "./harness/digits-platform.ts";
import { amount } from "./harness/length.ts";
import { noStack } from "./harness/no-stack.ts";
import { echoModel, externalTensor, onnxFile } from "./harness/onnx-file.ts";
import { type CommandResult, root, run } from "./harness/platform.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";

let digits: DigitsPlatform;
let scratch: ScratchFolder;
before(async () => {
  scratch = await ScratchFolder.create();
  digits = await DigitsPlatform.up();
});
after(async () => {
  await digits.platform.destroy();
  await scratch.remove();
});

const isRoot = process.getuid?.() === 0;

/** `slipway build` must refuse it with exit code 5, say why, and store nothing. */
async function refusedBuild(path: string, message: RegExp): Promise<void> {
  const stored = await bundles();
  const result = await digits.platform.slipway(["build", path]);
  assert.equal(result.code, 5, `${path}: ${result.stderr}`);
  assert.match(result.stderr, message);
  sentence(result);
  assert.deepEqual(await bundles(), stored, "nothing was stored");
}

function sentence(result: CommandResult): void {
  assert.equal(result.stdout, "");
  noStack(result);
}

async function bundles(): Promise<string[]> {
  return (await readdir(join(digits.platform.home, "bundles", "blobs", "sha256")).catch(() => [])).sort();
}

function model(name: string, source: string, spec = ""): string {
  return `apiVersion: slipway.dev/v1alpha1\nkind: Model\nmetadata: { name: ${name} }\nspec:\n  source: { ${source} }\n${spec}`;
}

describe("D: directories", () => {
  const cases: [title: string, change: (path: string) => Promise<unknown>, message: RegExp][] = [
    ["D2 a symbolic link to a file outside", (path) => symlink("/etc/passwd", join(path, "notes.txt")), /notes\.txt.*link/s],
    ["D2 a symbolic link that stays inside", (path) => symlink("model.onnx", join(path, "other.bin")), /other\.bin.*link/s],
    ["D2 a linked folder", (path) => symlink("/etc", join(path, "config")), /config.*link/s],
    ["D2 a chain of links with deep parents", (path) => symlink("samples/../../../../etc/hosts", join(path, "a")), /a.*link/s],
    [
      "D2 a link as the model",
      async (path) => {
        await rename(join(path, "model.onnx"), `${path}.moved`);
        await symlink(`${path}.moved`, join(path, "model.onnx"));
      },
      /model\.onnx.*link/s,
    ],
    [
      "D2 a hard link to a file outside",
      async (path) => {
        await writeFile(`${path}.outside`, "secret");
        await link(`${path}.outside`, join(path, "notes.txt"));
      },
      /notes\.txt.*hard link/s,
    ],
    ["D3 a FIFO", (path) => run("mkfifo", [join(path, "pipe")]), /pipe.*FIFO/s],
    [
      "D3 a set-uid file",
      async (path) => {
        await writeFile(join(path, "tool"), "x");
        await chmod(join(path, "tool"), 0o4755);
      },
      /tool.*set-uid/s,
    ],
    ["D6 a name with a line break", (path) => writeFile(join(path, "a\nb"), "x"), /name/],
    ["D6 a reserved name", (path) => writeFile(join(path, "CON"), "x"), /CON/],
    ["D6 a name that ends in a dot", (path) => writeFile(join(path, "notes."), "x"), /notes\./],
    [
      "D6 two names that differ in case only",
      async (path) => {
        await writeFile(join(path, "Notes"), "x");
        await writeFile(join(path, "notes"), "x");
      },
      /case/,
    ],
    ["D6 a file that may hold a secret", (path) => writeFile(join(path, ".env"), "TOKEN=x"), /\.env/],
    ["D6 folders without end", async (path) => mkdir(join(path, ...new Array(40).fill("d")), { recursive: true }), /deep/],
  ];
  for (const [title, change, message] of cases) {
    test(title, async () => {
      const path = await scratch.digitsDirectory(title.replaceAll(/\W+/g, "-"));
      await change(path);
      await refusedBuild(path, message);
    });
  }

  test("D3 a socket", async () => {
    const path = await scratch.digitsDirectory("socket");
    const server = createServer().listen(join(path, "s"));
    await new Promise((resolve) => server.once("listening", resolve));
    await refusedBuild(path, /socket/);
    server.close();
  });

  test("D3 a device", { skip: isRoot ? false : "only root can make a device" }, async (t) => {
    const path = await scratch.digitsDirectory("device");
    const made = await run("mknod", [join(path, "null"), "c", "1", "3"]);
    if (made.code !== 0) return t.skip("devices cannot be made here");
    await refusedBuild(path, /null.*device/s);
  });

  test("D8 digests that are none are refused by grammar", async () => {
    const hex = "a".repeat(64);
    for (const digest of [
      "sha256:../../etc/x",
      `sha256:${"a".repeat(63)}`,
      `sha256:${hex}0`,
      `sha256:${hex.toUpperCase()}`,
      `sha1:${"a".repeat(40)}`,
      `md5:${"a".repeat(32)}`,
      `sha512:${hex}`,
      `sha256-${hex}`,
      hex,
      "",
    ]) {
      const result = await digits.platform.slipway(["apply", "-f", "-"], model("digest", `bundle: "${digest}"`));
      assert.equal(result.code, 5, `${digest}: ${result.stderr}`);
      assert.match(result.stderr, /spec\.source\.bundle/);
      sentence(result);
    }
    const absent = await digits.platform.slipway(
      ["apply", "-f", "-", "--wait", "--timeout", "20s"],
      model("absent", `bundle: "sha256:${hex}"`),
    );
    assert.notEqual(absent.code, 0);
    assert.match(absent.stderr, /bundle/);
    await digits.platform.ok("delete", "model", "absent");
    await digits.nextGoodRequest();
  });

  test("D11 builds of one directory at once, and builds that are killed, leave one whole bundle", async (t) => {
    const path = await scratch.modelDirectory("weighty", echoModel("FP32"), {
      "weights.bin": Buffer.alloc(amount(128, 512) << 20, 7),
    });
    const store = join(digits.platform.home, "bundles");
    const temporary = () => readdir(join(store, "tmp"), { recursive: true });
    let killed = 0;
    for (let round = 0; round < amount(3, 20); round++) {
      const child = spawn(join(root, "bin", "slipway"), ["build", path], {
        env: { ...process.env, SLIPWAY_HOME: digits.platform.home },
        stdio: "ignore",
        detached: true,
      });
      const ended = once(child, "exit");
      // Looked for without a pause: the whole build takes a fraction of a second.
      while (child.exitCode === null && (await temporary()).length === 0);
      if (child.exitCode === null) process.kill(-child.pid!, "SIGKILL");
      if ((await ended)[1] === "SIGKILL" && (await temporary()).length > 0) killed += 1;
      await digits.nextGoodRequest();
    }
    t.diagnostic(`${killed} builds killed while they wrote`);
    assert.ok(killed > 0);
    const results = await Promise.all(Array.from({ length: 4 }, () => digits.platform.slipway(["build", path, "-o", "json"])));
    const digests = new Set(
      results.map(({ code, stdout, stderr }) => {
        assert.equal(code, 0, stderr);
        return (JSON.parse(stdout) as { digest: string }).digest;
      }),
    );
    assert.equal(digests.size, 1);
    assert.deepEqual(await temporary(), [], "what was half written is swept");
    const result = await digits.platform.slipway(
      ["apply", "-f", "-", "--wait"],
      model("weighty", `bundle: "${[...digests][0]}"`),
    );
    assert.equal(result.code, 0, result.stderr);
    await digits.platform.ok("delete", "model", "weighty");
  });
});

describe("E: model files", () => {
  const x = { name: "x", type: "FP32", shape: [4] } as const;
  const y = { name: "y", type: "FP32", shape: [4] } as const;
  const external = (entries: Record<string, string>) =>
    onnxFile({
      inputs: [x],
      outputs: [y],
      operations: [{ type: "Add", inputs: ["x", "w"], outputs: ["y"] }],
      initializers: [externalTensor("w", 4, entries)],
    });
  const weights = { "weights.bin": Buffer.alloc(16) };

  test("E1, E2 external data outside the directory, in links, past the end or in memory", async () => {
    await writeFile(join(scratch.path, "outside.bin"), Buffer.alloc(16));
    const cases: [name: string, entries: Record<string, string>][] = [
      ["parent", { location: "../outside.bin" }],
      ["deep parent", { location: "weights/../../outside.bin" }],
      ["absolute", { location: join(scratch.path, "outside.bin") }],
      ["backslashes", { location: "..\\outside.bin" }],
      ["missing", { location: "nowhere.bin" }],
      ["empty", { location: "" }],
      ["in memory", { location: "*/_ORT_MEM_ADDR_/*", offset: "4096", length: "16" }],
      ["offset past the end", { location: "weights.bin", offset: "17", length: "4" }],
      ["length past the end", { location: "weights.bin", offset: "0", length: "17" }],
      ["negative offset", { location: "weights.bin", offset: "-1", length: "16" }],
      ["length of 2^64", { location: "weights.bin", offset: "0", length: "18446744073709551616" }],
    ];
    for (const [name, entries] of cases) {
      await refusedBuild(
        await scratch.modelDirectory(`external-${name.replaceAll(" ", "-")}`, external(entries), weights),
        /model\.onnx|external|weights/,
      );
    }
    const linked = await scratch.modelDirectory("external-linked", external({ location: "weights.bin" }));
    await symlink("../outside.bin", join(linked, "weights.bin"));
    await refusedBuild(linked, /weights\.bin.*link/s);
    const good = await digits.platform.slipway([
      "build",
      await scratch.modelDirectory("external good", external({ location: "weights.bin" }), weights),
    ]);
    assert.equal(good.code, 0, good.stderr);
  });

  test("E5 a file cut anywhere is refused", async () => {
    const whole = await readFile(join(root, "examples", "digits", "v1", "model.onnx"));
    const cuts = amount(6, 500);
    for (let round = 0; round < cuts; round++) {
      const path = await scratch.digitsDirectory(`cut-${round}`);
      await writeFile(join(path, "model.onnx"), whole.subarray(0, Math.floor((whole.length * (round + 0.5)) / cuts)));
      await refusedBuild(path, /model\.onnx/);
    }
  });

  test("E7, E8 other formats under the name of a model are refused by their content", async () => {
    const header = Buffer.alloc(8);
    header.writeBigUInt64LE(60n);
    const formats: Record<string, Buffer> = {
      pickle: Buffer.from("80049503000000000000005d942e", "hex"),
      torch: Buffer.concat([Buffer.from("504b0304", "hex"), Buffer.from("archive/data.pkl".padEnd(200))]),
      numpy: Buffer.concat([
        Buffer.from("934e554d5059010076", "hex"),
        Buffer.from("{'descr': '|O', 'fortran_order': False}".padEnd(120)),
      ]),
      keras: Buffer.concat([Buffer.from("894844460d0a1a0a", "hex"), Buffer.alloc(200)]),
      safetensors: Buffer.concat([
        header,
        Buffer.from('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.padEnd(60)),
        Buffer.alloc(4),
      ]),
      gguf: Buffer.concat([Buffer.from("GGUF"), Buffer.alloc(200)]),
      text: Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"),
      nothing: Buffer.alloc(0),
      zeros: Buffer.alloc(1_000),
    };
    for (const [name, content] of Object.entries(formats)) {
      await refusedBuild(await scratch.modelDirectory(`format-${name}`, content), /model\.onnx/);
    }
  });
});
