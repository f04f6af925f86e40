// Whether the conformance suite notices: for a sample of clauses, one broken line of ours makes its case fail, and whole it passes.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { allCases } from "./conformance/all-cases.ts";
import { GrpcClient } from "./conformance/grpc-client.ts";
import { mutations } from "./conformance/mutations.ts";
import { type Result, runCases } from "./conformance/run-cases.ts";
import { Target } from "./conformance/target.ts";
import { fullLength } from "./harness/length.ts";
import { root } from "./harness/platform.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";
import { fixtureModel, ServedModel } from "./harness/served-model.ts";

const tried = fullLength ? mutations : mutations.slice(0, 2);
let scratch: ScratchFolder;
let copy: string;

before(async () => {
  scratch = await ScratchFolder.create();
  copy = join(scratch.path, "checkout");
  for (const name of ["packages", "apps", "bin"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => !path.endsWith("/node_modules") });
  }
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  // What is installed stays where it is, but for our own packages, which are the copy's.
  mkdirSync(join(copy, "node_modules", "@slipway"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "@slipway") symlinkSync(join(root, "node_modules", name), join(copy, "node_modules", name));
  }
  for (const name of readdirSync(join(copy, "packages"))) {
    symlinkSync(join(copy, "packages", name), join(copy, "node_modules", "@slipway", name));
  }
});
after(() => scratch.remove());

test("whole, every case of the sample passes", async () => {
  const results = await resultsOf(tried.map(({ caseId }) => caseId));
  assert.deepEqual(
    results.map(({ id, verdict, why }) => [id, verdict, why]),
    results.map(({ id }) => [id, "pass", undefined]),
  );
});

test("every line that is broken at full length stands there once", () => {
  const moved = mutations.filter(({ file, from }) => readFileSync(join(root, file), "utf8").split(from).length !== 2);
  assert.deepEqual(moved, [], "correct e2e/conformance/mutations.ts");
});

for (const { caseId, file, from, to } of tried) {
  test(`${caseId} fails when ${file} says ${JSON.stringify(to.slice(0, 60))} for ${JSON.stringify(from.slice(0, 60))}`, async (t) => {
    const path = join(copy, file);
    const text = readFileSync(path, "utf8");
    assert.equal(
      text.split(from).length,
      2,
      `${file} has the line exactly once; if it has moved, correct e2e/conformance/mutations.ts`,
    );
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
    try {
      const [result] = await resultsOf([caseId]);
      t.diagnostic(`${result!.verdict}: ${result!.why ?? ""}`);
      assert.equal(result!.verdict, "FAIL");
    } finally {
      writeFileSync(path, text);
    }
  });
}

/** What the copy's `slipway serve` makes of these cases. */
async function resultsOf(ids: readonly string[]): Promise<readonly Result[]> {
  const served = await ServedModel.start(fixtureModel("every-type"), { program: join(copy, "bin", "slipway") });
  const target = new Target({ url: new URL(served.url), model: served.model, grpc: new GrpcClient(new URL(served.url).host) });
  try {
    await target.prepare();
    const cases = allCases.filter(({ id }) => ids.includes(id));
    assert.equal(cases.length, new Set(ids).size, "there is a case of every id");
    return await runCases(target, cases);
  } finally {
    target.close();
    await served.stop();
  }
}
