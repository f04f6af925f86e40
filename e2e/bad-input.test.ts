// Bad input at every door: a clear error, a fitting status and exit code, and the next good request is answered.
import assert from "node:assert/strict";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { type DigitsAnswer, manifest, reference, requestFor, wrongAnswer } from "./harness/digits.ts";
import { noStack } from "./harness/no-stack.ts";
import { type CommandResult, root, run, TestPlatform } from "./harness/platform.ts";

let platform: TestPlatform;
let folder: string;
const v1 = join(root, "examples", "digits", "v1");

before(async () => {
  platform = await TestPlatform.up();
  folder = await mkdtemp(join(tmpdir(), "slipway-bad-"));
  const result = await platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1"));
  assert.equal(result.code, 0, result.stderr);
});
after(async () => {
  await platform.destroy();
  await rm(folder, { recursive: true, force: true });
});

/** After every case: the model still answers rightly, and is the same resource. */
afterEach(async () => {
  const response = await fetch(`${platform.gateway}/v2/models/digits/infer`, {
    method: "POST",
    body: requestFor([1]),
    headers: json,
  });
  assert.equal(wrongAnswer((await response.json()) as DigitsAnswer, [1], reference("v1")), undefined);
});

const json = { "content-type": "application/json" };

describe("inference", () => {
  const image = { name: "image", datatype: "FP32", shape: [1, 64], data: new Array(64).fill(0) };
  const with_ = (change: object) => JSON.stringify({ inputs: [{ ...image, ...change }] });
  const cases: [title: string, body: string, status: number, message: RegExp][] = [
    ["malformed JSON", '{"inputs": [', 400, /JSON/],
    ["not an object", "[]", 400, /object/],
    ["no inputs", "{}", 400, /inputs/],
    ["an unknown field", JSON.stringify({ inputs: [image], output: [] }), 400, /output/],
    ["a wrong tensor name", with_({ name: "imagee" }), 400, /imagee.*image/s],
    ["a wrong datatype", with_({ datatype: "INT64" }), 400, /image.*FP32.*INT64|image.*INT64.*FP32/s],
    ["an unknown datatype", with_({ datatype: "FLOAT" }), 400, /FLOAT/],
    ["a wrong shape", with_({ shape: [1, 63], data: new Array(63).fill(0) }), 400, /image.*64/s],
    ["a wrong rank", with_({ shape: [64] }), 400, /image/],
    ["too few values", with_({ data: [1, 2, 3] }), 400, /image.*64.*3|image.*3.*64/s],
    ["a negative dimension", with_({ shape: [-1, 64] }), 400, /shape/],
    ["a claim of a billion values", with_({ shape: [1e9, 64] }), 400, /image/],
    ["a product that overflows", with_({ shape: [2 ** 53, 2 ** 53] }), 400, /image/],
    ["a value out of range", with_({ data: [null, ...new Array(63).fill(0)] }).replace("null", "1e999"), 400, /image/],
    ["text for a number", with_({ data: ["1", ...new Array(63).fill(0)] }), 400, /image/],
    ["ragged data", with_({ data: [new Array(63).fill(0), [0]] }), 400, /image/],
    ["an output that does not exist", JSON.stringify({ inputs: [image], outputs: [{ name: "lable" }] }), 400, /lable.*label/s],
    ["the same input twice", JSON.stringify({ inputs: [image, image] }), 400, /image/],
    ["a polluted prototype", `{"__proto__": {"x": 1}, "inputs": [${JSON.stringify(image)}]}`, 400, /__proto__/],
    ["100,000 nested arrays", `{"inputs": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`, 400, /deep|nest/],
  ];
  for (const [title, body, status, message] of cases) {
    test(title, async () => {
      const response = await fetch(`${platform.gateway}/v2/models/digits/infer`, { method: "POST", body, headers: json });
      const answer = (await response.json()) as { error: string };
      assert.equal(response.status, status, answer.error);
      assert.match(answer.error, message);
      noSecrets(answer.error);
    });
  }

  test("a body above the limit is refused before it is read", async () => {
    const response = await fetch(`${platform.gateway}/v2/models/digits/infer`, {
      method: "POST",
      body: Buffer.alloc(70 * 1024 * 1024, "1"),
      headers: json,
    }).catch((error: Error) => error);
    // A client that still sends when the answer comes may see the closed connection first.
    if (response instanceof Response) assert.equal(response.status, 413);
    else assert.match(String(response.cause), /EPIPE|ECONNRESET|closed|socket/i);
  });

  const doors: [title: string, path: string, init: RequestInit, status: number, message: RegExp][] = [
    ["an unknown model", "/v2/models/digit/infer", { method: "POST", body: "{}" }, 404, /digit/],
    ["an unknown revision", "/v2/models/digits/versions/9/infer", { method: "POST", body: "{}" }, 404, /9/],
    ["an unknown namespace", "/namespaces/other/v2/models/digits/infer", { method: "POST", body: "{}" }, 404, /other/],
    ["a name with a traversal", "/v2/models/..%2f..%2fetc/infer", { method: "POST", body: "{}" }, 400, /slash/],
    ["a path that is not there", "/v3", {}, 404, /./],
    ["a wrong method", "/v2/models/digits/infer", { method: "DELETE" }, 405, /./],
    [
      "another content type",
      "/v2/models/digits/infer",
      { method: "POST", body: "x", headers: { "content-type": "text/plain" } },
      415,
      /json/,
    ],
    ["a foreign Origin", "/v2/models/digits", { headers: { origin: "http://evil.example" } }, 421, /[Oo]rigin/],
  ];
  for (const [title, path, init, status, message] of doors) {
    test(title, async () => {
      const response = await fetch(`${platform.gateway}${path}`, { headers: json, ...init });
      const answer = (await response.json()) as { error: string };
      assert.equal(response.status, status, answer.error);
      assert.match(answer.error, message);
      noSecrets(answer.error);
    });
  }

  test("a foreign Host (DNS rebinding)", async () => {
    const { port } = new URL(platform.gateway);
    const result = await run("curl", [
      "-s",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-H",
      "Host: evil.example",
      `http://127.0.0.1:${port}/v2`,
    ]);
    assert.equal(result.stdout, "421");
  });

  test("slipway predict says what is wrong and exits 5, or 3 for an unknown model", async () => {
    const wrong = await platform.slipway(["predict", "digits", "-f", "-"], with_({ name: "imagee" }));
    assert.equal(wrong.code, 5);
    assert.match(wrong.stderr, /imagee/);
    const unknown = await platform.slipway(["predict", "digit", "-f", "-"], with_({}));
    assert.equal(unknown.code, 3);
    clean(unknown);
  });
});

describe("manifests", () => {
  const edits: [title: string, edit: (text: string) => string, code: number, message: RegExp][] = [
    ["an unknown field", (text) => text.replace("scaling:", "scalling:"), 5, /spec\.scalling.*did you mean "scaling"/s],
    [
      "two problems at once",
      (text) => text.replace("cpu: 500m", "cpu: lots").replace("minReplicas: 1", "minReplicas: 0"),
      5,
      /spec\.resources\.cpu[\s\S]*minReplicas|minReplicas[\s\S]*spec\.resources\.cpu/,
    ],
    ["a missing source", (text) => text.replace(/path: .*/, "path: ./nowhere"), 5, /spec\.source\.path.*nowhere/s],
    ["no source at all", (text) => text.replace(/ {2}source:\n.*\n/, ""), 5, /spec\.source/],
    ["not YAML", () => "a: [", 5, /line|:1/],
    ["a YAML tag that runs code", (text) => `${text}x: !!js/function "function () {}"\n`, 5, /js\/function|tag/],
    ["an unknown kind", (text) => text.replace("kind: Model", "kind: Modle"), 5, /Modle/],
    ["an unknown version of the API", (text) => text.replace("v1alpha1", "v9"), 5, /v9/],
    ["a wrong name", (text) => text.replace("name: digits", "name: Digits_1"), 5, /metadata\.name/],
  ];
  for (const [title, edit, code, message] of edits) {
    test(title, async () => {
      const generation = await generationOfDigits();
      const result = await platform.slipway(["apply", "-f", "-"], manifest("v1", edit));
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
      clean(result);
      assert.equal(await generationOfDigits(), generation);
    });
  }

  test("one wrong document of two: nothing is applied", async () => {
    const good = manifest("v1").replace("name: digits", "name: other");
    const result = await platform.slipway(
      ["apply", "-f", "-"],
      `${good}---\n${manifest("v1", (text) => text.replace("scaling:", "scalling:"))}`,
    );
    assert.equal(result.code, 5);
    assert.equal((await platform.slipway(["get", "model", "other"])).code, 3);
  });
});

describe("model directories", () => {
  async function directory(name: string, change: (path: string) => Promise<void>): Promise<string> {
    const path = join(folder, name);
    await cp(v1, path, { recursive: true });
    await change(path);
    return path;
  }
  const cases: [title: string, change: (path: string) => Promise<void>, code: number, message: RegExp][] = [
    ["no model", (path) => rm(join(path, "model.onnx")), 5, /model\.onnx/],
    [
      "a truncated model",
      async (path) => writeFile(join(path, "model.onnx"), (await readFile(join(path, "model.onnx"))).subarray(0, 2_000)),
      5,
      /model\.onnx/,
    ],
    ["text instead of a model", (path) => writeFile(join(path, "model.onnx"), "hello\n"), 5, /model\.onnx.*ONNX/s],
    [
      "a pickle renamed",
      (path) => writeFile(join(path, "model.onnx"), Buffer.from("80049503000000000000005d942e", "hex")),
      5,
      /model\.onnx/,
    ],
    ["a symbolic link", (path) => symlink("/etc/passwd", join(path, "notes.txt")), 5, /notes\.txt.*link/s],
    ["a sample that is not JSON", (path) => writeFile(join(path, "samples", "bad.json"), "{"), 5, /samples\/bad\.json/],
    [
      "a sample of another model",
      (path) =>
        writeFile(
          join(path, "samples", "bad.json"),
          '{"request":{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}}',
        ),
      5,
      /samples\/bad\.json[\s\S]*x/,
    ],
  ];
  for (const [title, change, code, message] of cases) {
    test(title, async () => {
      const path = await directory(title.replaceAll(" ", "-"), change);
      const result = await platform.slipway(["build", path]);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
      clean(result);
    });
  }

  test("a model that loads but answers other than its samples never gets traffic; the old one keeps serving", async () => {
    const path = await directory("other-answers", async (target) => {
      await cp(join(root, "examples", "digits", "v2", "model.onnx"), join(target, "model.onnx"));
    });
    const result = await platform.slipway(
      ["apply", "-f", "-", "--wait", "--timeout", "30s"],
      manifest("v1", (text) => text.replace(/path: .*/, `path: ${path}`)),
    );
    assert.equal(result.code, 5, result.stderr);
    assert.match(result.stderr, /sample/);
    const back = await platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1"));
    assert.equal(back.code, 0, back.stderr);
  });
});

describe("the platform itself", () => {
  test("a second up on the same home", async () => {
    const result = await platform.slipway(["up", "--detach"]);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /already runs.*slipway down/s);
    clean(result);
  });

  test("a port in use", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as AddressInfo;
    const home = join(folder, "port-home");
    const result = await platform.slipway(["up", "--detach", "--gateway-port", String(port), "--api-port", "0", "--home", home]);
    holder.close();
    assert.equal(result.code, 4, result.stderr);
    assert.match(result.stderr, new RegExp(`${port}.*--gateway-port`, "s"));
    clean(result);
    const left = await run("pgrep", ["-f", home]);
    assert.equal(left.stdout, "", "nothing of it stays behind");
  });

  test("a home that cannot be written", async () => {
    const parent = join(folder, "read-only");
    await mkdir(parent);
    await chmod(parent, 0o500);
    // root may write anywhere but in /proc.
    const home = process.getuid?.() === 0 ? "/proc/slipway-home" : join(parent, "home");
    const result = await platform.slipway(["up", "--detach", "--home", home]);
    assert.ok(result.code === 1 || result.code === 5, `${result.code}: ${result.stderr}`);
    assert.match(result.stderr, /home.*--home/s);
    clean(result);
  });

  test("a home of a newer version", async () => {
    const home = join(folder, "newer");
    await mkdir(home);
    await writeFile(join(home, "home.json"), '{"schemaVersion": 999}');
    const result = await platform.slipway(["up", "--detach", "--home", home]);
    assert.equal(result.code, 5);
    assert.match(result.stderr, /999/);
    clean(result);
  });

  test("nothing runs: exit 7 and the way out", async () => {
    const result = await platform.slipway(["get", "models", "--home", join(folder, "empty")]);
    assert.equal(result.code, 7, result.stderr);
    assert.match(result.stderr, /slipway up/);
    clean(result);
  });

  test("wrong usage: exit 2 and a suggestion", async () => {
    for (const args of [["aply"], ["apply"], ["get"], ["scale", "digits", "--replicas", "many"], ["up", "--gateway-prot", "1"]]) {
      const result = await platform.slipway(args);
      assert.equal(result.code, 2, `${args.join(" ")}: ${result.stderr}`);
      clean(result);
    }
  });
});

async function generationOfDigits(): Promise<number> {
  return (await platform.json<{ metadata: { generation: number } }>("get", "model", "digits")).metadata.generation;
}

/** An error shown to a user: a sentence, no stack, nothing on standard output. */
function clean(result: CommandResult): void {
  assert.equal(result.stdout, "");
  assert.notEqual(result.stderr.trim(), "");
  noStack(result);
}

function noSecrets(text: string): void {
  assert.ok(!text.includes(platform.home) && !text.includes(root), `a path in an answer: ${text}`);
}
