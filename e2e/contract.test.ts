// The environment contract: measured, said by plan, and demanded by the replica, on a real platform.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { manifest } from "./harness/digits.ts";
import { noStack } from "./harness/no-stack.ts";
import { TestPlatform } from "./harness/platform.ts";

let platform: TestPlatform;
before(async () => {
  platform = await TestPlatform.up();
});
after(() => platform.destroy());

const withMemory = (memory: string) => manifest("v1", (text) => text.replace(/memory: \S+/, `memory: ${memory}`));
const contractOf = (change: object) =>
  JSON.stringify({ version: 1, needs: change, seenOn: { architecture: "amd64", cpuFeatures: [] } });
const withContract = (contract: string) =>
  manifest("v1", (text) => text.replace(/path: .*/, (path) => `${path}\n    contract: '${contract}'`));
const apply = (text: string) => platform.slipway(["apply", "-f", "-", "--wait", "--timeout", "60s"], text);

test("a build says what the content needs, a measurement what running it took, and both travel with the Model", async () => {
  assert.match(manifest("v1"), /memory: \S+/, "the example has a limit to change");
  const applied = await apply(manifest("v1"));
  assert.equal(applied.code, 0, applied.stderr);
  const measured = await platform.json<{
    needs: { memoryBytes: number; operatorSets: Record<string, number>; libraries: object };
  }>("measure", "digits");
  assert.ok(measured.needs.memoryBytes > 30 * 2 ** 20 && measured.needs.memoryBytes < 2 ** 30, `${measured.needs.memoryBytes}`);
  assert.ok(measured.needs.operatorSets["ai.onnx"]! > 0);
  assert.deepEqual(Object.keys(measured.needs.libraries), ["onnxruntime"]);
  const plan = await platform.slipway(["plan", "-f", "-"], withMemory("16Mi"));
  assert.equal(plan.code, 0, plan.stderr);
  assert.match(plan.stdout, /doubt +the bundle's contract does not hold: memory: needs \d+ MiB, has 16 MiB\n/);
  assert.doesNotMatch((await platform.slipway(["plan", "-f", "-"], withMemory("2Gi"))).stdout, /doubt/);
  const foreign = await platform.slipway(["measure", "digits", "--need-cpu", "warpdrive"]);
  assert.equal(foreign.code, 2);
  assert.match(foreign.stderr, /does not have the CPU feature warpdrive/);
});

test("a replica that does not get what the contract says does not become ready, and names the lines", async () => {
  for (const [needs, message] of [
    [{ cpuFeatures: ["warpdrive"] }, /cpuFeatures: needs warpdrive, has none of warpdrive/],
    [{ architecture: process.arch === "x64" ? "arm64" : "amd64" }, /architecture: needs (arm64|amd64), has/],
    [{ operatorSets: { "ai.onnx": 99 } }, /operatorSets\.ai\.onnx: needs 99, has at most 26/],
    [{ libraries: { onnxruntime: "99.0.0" } }, /libraries\.onnxruntime: needs 99\.0\.0 or later, has 1\./],
    [{ nothingKnown: 1 }, /cannot check its line "nothingKnown"/],
  ] as const) {
    await platform.ok("delete", "model", "digits");
    const refused = await apply(withContract(contractOf(needs)));
    assert.equal(refused.code, 5, `${JSON.stringify(needs)}: ${refused.stdout}${refused.stderr}`);
    assert.match(refused.stderr, message);
    noStack(refused);
  }
  await platform.ok("delete", "model", "digits");
  const kept = await apply(withContract(contractOf({ operatorSets: { "ai.onnx": 17 }, libraries: { onnxruntime: "1.0.0" } })));
  assert.equal(kept.code, 0, kept.stderr);
});
