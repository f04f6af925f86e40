// Models that load wrongly, answer wrongly or take too much (catalogue B24, E5, E10, E11, E14, G7, G9): contained, and the old one serves on.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { requestFor } from "./harness/digits.ts";
import { DigitsPlatform } from "./harness/digits-platform.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { noStack } from "./harness/no-stack.ts";
import { operationModel } from "./harness/onnx-file.ts";
import { root } from "./harness/platform.ts";
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

function model(name: string, source: string, spec = ""): string {
  return `apiVersion: slipway.dev/v1alpha1\nkind: Model\nmetadata: { name: ${name} }\nspec:\n  source: { ${source} }\n${spec}`;
}

describe("models that cannot become ready", () => {
  test("E5 a file with a bit flipped is refused or serves; the platform stays whole", async (t) => {
    const whole = await readFile(join(root, "examples", "digits", "v1", "model.onnx"));
    const kinds = { refused: 0, served: 0 };
    for (let round = 0; round < amount(5, 200); round++) {
      const path = await scratch.digitsDirectory(`flip-${round}`);
      const flipped = Buffer.from(whole);
      // Positions spread by a fixed stride, the structure at the file's start included.
      const at = (round * 7_919 + 13) % whole.length;
      flipped[at]! ^= 1 << (round % 8);
      await writeFile(join(path, "model.onnx"), flipped);
      const result = await digits.platform.slipway(
        ["apply", "-f", "-", "--wait", "--timeout", "20s"],
        model("flipped", `path: ${path}`),
      );
      assert.ok(result.code === 0 || result.code === 5, `bit ${round % 8} of byte ${at}: exit ${result.code}: ${result.stderr}`);
      noStack(result);
      if (result.code === 0) kinds.served += 1;
      else kinds.refused += 1;
      await digits.nextGoodRequest();
    }
    t.diagnostic(JSON.stringify(kinds));
    assert.ok(kinds.refused > 0);
    await digits.platform.slipway(["delete", "model", "flipped"]);
  });

  test("E10 a declared signature that the model does not have: refused, and the old revision serves on", async () => {
    const before = await inForce();
    const signature = `  signature:
    inputs: [{ name: pixels, datatype: FP32, shape: [-1, 64] }]
    outputs: [{ name: label, datatype: INT64, shape: [-1] }, { name: probabilities, datatype: FP32, shape: [-1, 10] }]
`;
    const path = join(root, "examples", "digits", "v1");
    const result = await digits.platform.slipway(
      ["apply", "-f", "-", "--wait", "--timeout", "20s"],
      model("digits", `path: ${path}`, signature),
    );
    assert.equal(result.code, 5, result.stderr);
    assert.match(result.stderr, /pixels/);
    noStack(result);
    assert.equal(await inForce(), before);
    await digits.nextGoodRequest();
    const back = await digits.platform.slipway(["apply", "-f", "-", "--wait"], model("digits", `path: ${path}`));
    assert.equal(back.code, 0, back.stderr);
    await digits.nextGoodRequest();
  });

  test("E11 golden samples that do not agree: not ready, the old revision serves on", async () => {
    const before = await inForce();
    const path = await scratch.digitsDirectory("other-answers");
    await writeFile(join(path, "model.onnx"), await readFile(join(root, "examples", "digits", "v2", "model.onnx")));
    const result = await digits.platform.slipway(
      ["apply", "-f", "-", "--wait", "--timeout", "20s"],
      model("digits", `path: ${path}`),
    );
    assert.equal(result.code, 5, result.stderr);
    assert.match(result.stderr, /sample/);
    assert.equal(await inForce(), before);
    await digits.nextGoodRequest();
    const back = await digits.platform.slipway(
      ["apply", "-f", "-", "--wait"],
      model("digits", `path: ${join(root, "examples", "digits", "v1")}`),
    );
    assert.equal(back.code, 0, back.stderr);
  });
});

describe("models that misbehave", () => {
  const infer = (name: string, type: string, values: readonly number[]) =>
    digits.infer(
      JSON.stringify({ inputs: [{ name: "x", datatype: type, shape: [values.length], data: values }] }),
      {},
      `/v2/models/${name}/infer`,
    );

  test("B24 NaN and infinity are an error of the model that names the output; its worker is kept", async () => {
    const path = await scratch.modelDirectory(
      "log",
      operationModel("Log", { name: "x", type: "FP32", shape: [-1] }, { name: "y", type: "FP32", shape: [-1] }),
    );
    const applied = await digits.platform.slipway(["apply", "-f", "-", "--wait"], model("log", `path: ${path}`));
    assert.equal(applied.code, 0, applied.stderr);
    const before = await restarts("log");
    await digits.assertRefused(await infer("log", "FP32", [-1]), 500, /model output "y"\[0\] is NaN/);
    await digits.assertRefused(await infer("log", "FP32", [1, 0]), 500, /model output "y"\[1\] is -Infinity/);
    assert.equal((await infer("log", "FP32", [1])).status, 200);
    assert.deepEqual(await restarts("log"), before);
    await digits.platform.ok("delete", "model", "log");
  });

  test("B24 an answer beyond the limit is cut by name; G7, G9 one that takes all memory is an OOM kill and is not sent to a third replica", async (t) => {
    const path = await scratch.modelDirectory(
      "hungry",
      operationModel("ConstantOfShape", { name: "x", type: "INT64", shape: [-1] }, { name: "y", type: "FP32", shape: [-1, -1] }),
    );
    const limits = "  resources: { memory: 512Mi }\n  samples: { verify: false }\n  scaling: { minReplicas: 3 }\n";
    const applied = await digits.platform.slipway(["apply", "-f", "-", "--wait"], model("hungry", `path: ${path}`, limits));
    assert.equal(applied.code, 0, applied.stderr);
    const before = await restarts("hungry");
    assert.equal((await infer("hungry", "INT64", [2, 2])).status, 200);
    await digits.assertRefused(await infer("hungry", "INT64", [8_000, 4_500]), 500, /model output.*limit/);
    assert.deepEqual(await restarts("hungry"), before);

    const poisoned = await infer("hungry", "INT64", [30_000, 30_000]);
    if (poisoned.status === 500) await digits.assertRefused(poisoned, 500, /model/i);
    else {
      await digits.assertRefused(poisoned, 503, /replica/);
      assert.ok(poisoned.headers.get("retry-after") !== null);
      const after = await eventually("the ends of the replicas were seen", 10, async () => {
        const now = await restarts("hungry");
        return sum(now) > sum(before) && now;
      });
      t.diagnostic(`replicas that the request ended: ${sum(after) - sum(before)}`);
      assert.ok(sum(after) - sum(before) <= 2, "not sent to a third");
      const described =
        (await digits.platform.ok("describe", "model", "hungry")).stdout + (await digits.platform.ok("events")).stdout;
      assert.match(described, /OOMKilled|more memory/);
    }
    await eventually("the model answers again", 20, async () => (await infer("hungry", "INT64", [2, 2])).status === 200);
    await digits.platform.ok("delete", "model", "hungry");
    await digits.nextGoodRequest();
  });

  test("E4 a run without end, given up by its caller: its replica is replaced and says why", async () => {
    const { platform } = digits;
    const path = await scratch.modelDirectory(
      "slow",
      await readFile(join(root, "packages", "serve", "fixtures", "slow.onnx")),
      {},
    );
    const applied = await platform.slipway(["apply", "-f", "-", "--wait"], model("slow", `path: ${path}`));
    assert.equal(applied.code, 0, applied.stderr);
    const ask = (rounds: number) =>
      fetch(`${platform.gateway}/v2/models/slow/infer`, {
        method: "POST",
        headers: { "content-type": "application/json", "request-timeout": "1" },
        body: JSON.stringify({ inputs: [{ name: "rounds", datatype: "INT64", shape: [1], data: [rounds] }] }),
      });
    assert.equal((await ask(1)).status, 200);
    assert.equal((await ask(1_000_000_000)).status, 504);
    await eventually("another replica answers", 40, async () => (await ask(1)).status === 200);
    assert.match((await platform.ok("events", "slow")).stdout, /runs on although nobody waits/);
    await platform.ok("delete", "model", "slow");
  });

  test("E14 versions change over and over: no answer of another version, no process left over", async () => {
    const before = (await digits.platform.processes()).length;
    for (let round = 0; round < amount(2, 100); round++) {
      const version = round % 2 === 0 ? "v2" : "v1";
      const path = join(root, "examples", "digits", version);
      const result = await digits.platform.slipway(["apply", "-f", "-", "--wait"], model("digits", `path: ${path}`));
      assert.equal(result.code, 0, result.stderr);
      const current = await inForce();
      const answer = (await (await digits.infer(requestFor([1]))).json()) as { model_version: string };
      assert.equal(answer.model_version, current);
    }
    await eventually("no process is left over", 20, async () => (await digits.platform.processes()).length <= before);
    await digits.nextGoodRequest();
  });
});

async function inForce(): Promise<string | undefined> {
  const found = await digits.platform.json<{ status: { traffic: { revision: string }[] } }>("get", "model", "digits");
  return found.status.traffic[0]?.revision;
}

async function restarts(name: string): Promise<number[]> {
  const { items } = await digits.platform.json<{ items: { model: string; restarts: number }[] }>("get", "replicas");
  return items.filter((replica) => replica.model === name).map((replica) => replica.restarts);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
