// curl, as documents of other servers show it, at both doors.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { binaryRequest, floats, wantedOutputs } from "../conformance/binary.ts";
import { Target } from "../conformance/target.ts";
import { run } from "../harness/platform.ts";
import { ScratchFolder } from "../harness/scratch-folder.ts";
import { type Door, Doors } from "./doors.ts";

let doors: Doors;
let scratch: ScratchFolder;
before(async () => {
  scratch = await ScratchFolder.create();
  doors = await Doors.open();
});
after(async () => {
  await doors.close();
  await scratch.remove();
});

for (const name of ["serve", "gateway"] as const) {
  describe(`curl at ${name}`, () => {
    const door = () => doors[name];

    test("JSON, as text on the command line", async () => {
      const answer = JSON.parse(await curl(door(), "-H", "Content-Type: application/json", "-d", request(door())));
      assert.deepEqual(answer.outputs[0].data, [5, 6]);
      assert.equal(answer.model_name, door().model);
    });

    test("JSON from a file with --json", async () => {
      const file = await inFile("request.json", request(door()));
      assert.deepEqual(JSON.parse(await curl(door(), "--json", `@${file}`)).outputs[0].data, [5, 6]);
    });

    test("tensors by --data-binary, both ways", async () => {
      const asked = { fields: { outputs: wantedOutputs({ fp32_out: true }) } };
      const { body, headers } = binaryRequest(target(door()), { fp32: { shape: [1, 2], bytes: floats(5, 6) } }, asked);
      const [sent, got] = [await inFile("request.bin", body), join(scratch.path, "answer.bin")];
      const head = await curl(door(), ...asFlags(headers), "--data-binary", `@${sent}`, "-o", got, "-D", "-");
      const length = Number(/^inference-header-content-length: (\d+)/im.exec(head)?.[1]);
      assert.ok(length > 0, head);
      const size = await run("wc", ["-c", got]);
      assert.equal(Number.parseInt(size.stdout, 10), length + 8);
      const bytes = await run("od", ["-An", "-t", "f4", "-j", String(length), got]);
      assert.deepEqual(bytes.stdout.trim().split(/\s+/).map(Number), [5, 6]);
    });

    test("compressed both ways", async () => {
      const bodies = {
        gzip: gzipSync(request(door())),
        deflate: deflateSync(request(door())),
        zstd: zstdCompressSync(request(door())),
      };
      for (const [coding, body] of Object.entries(bodies)) {
        const file = await inFile(`request.${coding}`, body);
        const flags = ["-H", "Content-Type: application/json", "-H", `Content-Encoding: ${coding}`];
        const text = await curl(door(), ...flags, "--data-binary", `@${file}`, "--compressed");
        assert.deepEqual(JSON.parse(text).outputs[0].data, [5, 6], coding);
      }
    });

    test("a body in chunks, and one that waits for 100 Continue", async () => {
      const json = ["-H", "Content-Type: application/json"];
      assert.deepEqual(
        JSON.parse(await curl(door(), ...json, "-H", "Transfer-Encoding: chunked", "-d", request(door()))).outputs[0].data,
        [5, 6],
      );
      const file = await inFile("large.json", request(door()).padEnd(3_000_000, " "));
      assert.deepEqual(
        JSON.parse(await curl(door(), ...json, "-H", "Expect: 100-continue", "--data-binary", `@${file}`)).outputs[0].data,
        [5, 6],
      );
    });

    test("an error is an exit code with --fail, and a sentence without", async () => {
      const flags = ["-s", `${door().url}/v2/models/${door().model}/infer`, "--json", "{}"];
      const failed = await run("curl", ["--fail", ...flags]);
      assert.equal(failed.code, 22);
      assert.match(JSON.parse((await run("curl", flags)).stdout).error, /inputs/);
    });
  });
}

function target({ url, model }: Door): Target {
  return new Target({ url: new URL(url), model });
}

function request(door: Door): string {
  return target(door).request({ tensors: { fp32: { data: "[5,6]" } }, outputs: ["fp32_out"] });
}

async function inFile(name: string, content: string | Buffer): Promise<string> {
  const path = join(scratch.path, name);
  await writeFile(path, content);
  return path;
}

function asFlags(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
}

async function curl({ url, model }: Door, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("curl", ["-sS", "--fail-with-body", `${url}/v2/models/${model}/infer`, ...flags]);
  assert.equal(code, 0, `${stderr}${stdout}`);
  return stdout;
}
