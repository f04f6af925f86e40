// The official OpenAI clients for Python and Node.js, as their users have them, at both doors.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { tinyLlama } from "@slipway/testkit";
import { root, TestPlatform } from "../harness/platform.ts";
import { ScratchFolder } from "../harness/scratch-folder.ts";
import { ServedModel } from "../harness/served-model.ts";
import { nodePackages } from "../node/node-packages.ts";
import { pythonEnvironment, pythonMissing } from "../python/python-environment.ts";
import { runChecks } from "./run-checks.ts";

const embeddings = tinyLlama({ template: null, pooling: 1 });
const file = "model.gguf";

describe("the openai clients", { skip: pythonMissing() ?? false }, () => {
  const doors: Record<"serve" | "gateway", { text: [string, string]; embeddings: [string, string] }> = {
    serve: { text: ["", ""], embeddings: ["", ""] },
    gateway: { text: ["", "talk"], embeddings: ["", "embed"] },
  };
  const ends: (() => Promise<void>)[] = [];
  let python: string;
  let modules: string;
  before(async () => {
    python = await pythonEnvironment(join(root, "e2e", "python", "openai.lock"));
    modules = await nodePackages(join(root, "e2e", "node", "openai"));
    const [text, vectors] = await Promise.all([tinyLlama(), embeddings].map((bytes) => ServedModel.start(bytes, { file })));
    ends.push(
      () => text!.stop(),
      () => vectors!.stop(),
    );
    doors.serve = { text: [text!.url, text!.model], embeddings: [vectors!.url, vectors!.model] };
    const scratch = await ScratchFolder.create();
    const platform = await TestPlatform.up();
    ends.push(
      () => platform.destroy(),
      () => scratch.remove(),
    );
    const models = await Promise.all([
      scratch.modelDirectory("talk", tinyLlama(), {}, file),
      scratch.modelDirectory("embed", embeddings, {}, file),
    ]);
    const text2 = models
      .map((path, index) => {
        const name = index === 0 ? "talk" : "embed";
        return `apiVersion: slipway.dev/v1alpha1\nkind: Model\nmetadata: { name: ${name} }\nspec: { source: { path: ${path} } }\n`;
      })
      .join("---\n");
    const applied = await platform.slipway(["apply", "-f", "-", "--wait"], text2);
    assert.equal(applied.code, 0, applied.stderr);
    doors.gateway = { text: [platform.gateway, "talk"], embeddings: [platform.gateway, "embed"] };
  });
  after(async () => {
    for (const end of ends) await end();
  });

  for (const name of ["serve", "gateway"] as const) {
    for (const kind of ["text", "embeddings"] as const)
      test(`Python, ${kind}, at ${name}`, (t) => runChecks(t, python, "openai_api.py", ...doors[name][kind], kind));
    test(`Node.js at ${name}`, (t) => runChecks(t, process.execPath, "openai-api.mjs", modules, ...doors[name].text));
  }
});
