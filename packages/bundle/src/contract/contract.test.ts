import assert from "node:assert/strict";
import { test } from "node:test";
import { onnxModel } from "../testing/onnx-model.ts";
import { scratch, scratchStore, writeFiles } from "../testing/scratch.ts";
import {
  type ContractNeeds,
  contractDifferences,
  decodeContract,
  demandContract,
  differenceText,
  encodeContract,
  type Machine,
} from "./contract.ts";
import { deriveNeeds } from "./derive-needs.ts";
import { readMachine } from "./read-machine.ts";

const mib = 2 ** 20;
const needs: ContractNeeds = {
  architecture: "amd64",
  cpuFeatures: ["avx2", "fma"],
  gpu: true,
  operatorSets: { "ai.onnx": 17, "com.acme": 2 },
  libraries: { onnxruntime: "1.30.0" },
  memoryBytes: 300 * mib,
};
const fitting: Machine = {
  architecture: "amd64",
  cpuFeatures: ["avx", "avx2", "fma"],
  gpu: true,
  operatorSets: { "ai.onnx": 26 },
  libraries: { onnxruntime: "1.30.0" },
  memoryBytes: 300 * mib,
};

test("each line that differs is named, and only those", () => {
  const said = (change: Partial<Machine>) => contractDifferences(needs, { ...fitting, ...change }).map(differenceText);
  assert.deepEqual(said({}), []);
  assert.deepEqual(said({ architecture: "arm64" }), ["architecture: needs amd64, has arm64"]);
  assert.deepEqual(said({ cpuFeatures: ["avx2"] }), ["cpuFeatures: needs avx2 fma, has none of fma"]);
  assert.deepEqual(said({ gpu: false }), ["gpu: needs a GPU, has none"]);
  assert.deepEqual(said({ operatorSets: { "ai.onnx": 16 } }), ["operatorSets.ai.onnx: needs 17, has at most 16"]);
  assert.deepEqual(said({ memoryBytes: 256 * mib }), ["memory: needs 300 MiB, has 256 MiB"]);
  for (const [has, older] of [
    ["1.29.9", true],
    ["1.30", false],
    ["1.30.1", false],
    ["2.0.0", false],
    ["1.4.0", true],
    ["1.30.0-rc1", false],
  ] as const)
    assert.deepEqual(
      said({ libraries: { onnxruntime: has } }),
      older ? [`libraries.onnxruntime: needs 1.30.0 or later, has ${has}`] : [],
    );
  assert.deepEqual(said({ libraries: {} }), ["libraries.onnxruntime: needs 1.30.0 or later, has none"]);
  assert.equal(said({ architecture: "arm64", gpu: false }).length, 2);
  assert.deepEqual(contractDifferences(needs, {}), [], "what is not known is not judged");
  assert.throws(() => demandContract({ needs, seenOn: { architecture: "amd64", cpuFeatures: [] } }, { ...fitting, gpu: false }), {
    code: "invalid",
    message: "What the bundle needs is not here: gpu: needs a GPU, has none.",
  });
});

test("a contract has one form, and a line that cannot be checked is refused, never taken for kept", () => {
  const contract = { needs, seenOn: { architecture: "amd64", cpuFeatures: ["fma", "avx2"] } };
  const text = encodeContract(contract);
  const read = decodeContract(text);
  assert.deepEqual(read.needs, needs);
  assert.equal(encodeContract(read), text);
  const base = JSON.parse(text);
  for (const [change, message] of [
    [{ version: 2 }, /version/],
    [{ needs: { ...base.needs, quantumBits: 3 } }, /cannot check its line "quantumBits"/],
    [{ needs: { architecture: "sparc" } }, /architecture/],
    [{ needs: { gpu: "yes" } }, /gpu/],
    [{ needs: { libraries: { x: "new" } } }, /not a version/],
    [{ needs: { operatorSets: [] } }, /not an object/],
    [{ needs: { memoryBytes: -1 } }, /memoryBytes/],
    [{ needs: { cpuFeatures: Array.from({ length: 201 }, () => "x") } }, /more than 200/],
    [{ seenOn: undefined }, /seenOn is missing/],
  ] as const)
    assert.throws(() => decodeContract(JSON.stringify({ ...base, ...change })), { code: "invalid", message });
  assert.throws(() => decodeContract("{"), { code: "invalid" });
  assert.throws(() => decodeContract(" ".repeat(2 ** 14 + 1)), { code: "invalid" });
});

test("what a bundle needs is read from its content", async (t) => {
  const elf = (machine: number) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32BE(0x7f454c46, 0);
    bytes.writeUInt16LE(machine, 18);
    return bytes;
  };
  const store = await scratchStore(t);
  const of = async (files: Record<string, Buffer>) =>
    deriveNeeds(await store.build(await writeFiles(await scratch(t), { "model.onnx": onnxModel(), ...files })));
  const operatorSets = { "ai.onnx": 17 };
  assert.deepEqual(await of({}), { operatorSets });
  assert.deepEqual(await of({ "lib/a.so": elf(62), "lib/b.so.1": elf(62), "c.so": Buffer.alloc(64) }), {
    architecture: "amd64",
    operatorSets,
  });
  assert.deepEqual(await of({ "lib/a.so": elf(183) }), { architecture: "arm64", operatorSets });
  assert.deepEqual(await of({ "lib/a.so": elf(183), "lib/b.so": elf(62) }), { operatorSets });
});

test("what a machine gives is what all its processors have", async (t) => {
  const root = `${await scratch(t)}/`;
  await writeFiles(root, { "proc/cpuinfo": "processor: 0\nflags\t\t: sse avx fma\n\nprocessor: 1\nflags\t\t: sse avx\n" });
  assert.deepEqual(readMachine(root).cpuFeatures, ["avx", "sse"]);
  assert.equal(readMachine(root).gpu, false);
  await writeFiles(root, { "proc/cpuinfo": "Features : fp asimd\n", "dev/nvidia0": "" });
  assert.deepEqual([readMachine(root).cpuFeatures, readMachine(root).gpu], [["asimd", "fp"], true]);
  assert.equal(readMachine(`${root}nowhere/`).cpuFeatures, undefined);
});
