// The conformance suite against `slipway serve` and against the gateway of a platform: every case passes at both doors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { allCases } from "./conformance/all-cases.ts";
import { GrpcClient } from "./conformance/grpc-client.ts";
import { countsOf, lineOf, runCases } from "./conformance/run-cases.ts";
import { Target } from "./conformance/target.ts";
import { root, TestPlatform } from "./harness/platform.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";
import { fixtureModel, ServedModel } from "./harness/served-model.ts";

/** What one of our doors may leave out, with the reason; anything else that is not applicable is a hole in the suite or the door. */
const leftOut = /unloads nothing/;

describe("every case", () => {
  test("passes at slipway serve", async (t) => {
    const served = await ServedModel.start(fixtureModel("every-type"));
    try {
      await allPass(t, targetAt(served.url, served.model));
    } finally {
      await served.stop();
    }
  });

  test("passes at the gateway of a platform", async (t) => {
    const scratch = await ScratchFolder.create();
    const platform = await TestPlatform.up();
    try {
      const path = await scratch.modelDirectory("every-type", readFileSync(fixtureModel("every-type")));
      const text = `apiVersion: slipway.dev/v1alpha1\nkind: Model\nmetadata: { name: every-type }\nspec: { source: { path: ${path} } }\n`;
      const applied = await platform.slipway(["apply", "-f", "-", "--wait"], text);
      assert.equal(applied.code, 0, applied.stderr);
      await allPass(t, targetAt(platform.gateway, "every-type"));
    } finally {
      await platform.destroy();
      await scratch.remove();
    }
  });
});

test("the suite is what its document says: ids are unique, there are at least 150, and every clause names its document", () => {
  const ids = allCases.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length >= 150, `${ids.length} cases`);
  const readme = readFileSync(join(root, "e2e", "conformance", "README.md"), "utf8");
  for (const document of new Set(allCases.map(({ clause }) => clause.split(":")[0]!))) {
    assert.ok(readme.includes(document), `${document} is not in e2e/conformance/README.md`);
  }
});

/** HTTP and gRPC are on one port. */
function targetAt(url: string, model: string): Target {
  return new Target({ url: new URL(url), model, grpc: new GrpcClient(new URL(url).host) });
}

async function allPass(t: TestContext, target: Target): Promise<void> {
  await target.prepare();
  const results = await runCases(target, allCases);
  target.close();
  t.diagnostic(countsOf(results));
  const wrong = results.filter(({ id, verdict, why = "" }) => {
    if (verdict === "n/a") t.diagnostic(`n/a ${id}: ${why}`);
    return verdict === "FAIL" || (verdict === "n/a" && !leftOut.test(why));
  });
  assert.equal(wrong.length, 0, wrong.map(lineOf).join("\n"));
}
