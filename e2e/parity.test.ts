// What must be the same in every place, on this machine. `npm run parity` runs all of it, on Kubernetes too, and writes proofs/parity.txt.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parityScenarios, runParity } from "@slipway/testkit";
import { amount } from "./harness/length.ts";
import { run } from "./harness/platform.ts";
import { LocalPlace } from "./parity/local-place.ts";

const kubectl = await run("kubectl", ["version", "--client"]).then(
  ({ code }) => code === 0,
  () => false,
);

let place: LocalPlace;
before(async () => {
  place = await LocalPlace.up();
});
after(() => place.close());

for (const [index, scenario] of parityScenarios.entries()) {
  // One of each handful in the short form: every kind of scenario is tested for itself elsewhere.
  if (index % amount(4, 1) !== 0) continue;
  const needsKubectl = scenario.steps.some((step) => step.do === "kubectl");
  test(`${scenario.name}: ${scenario.title}`, {
    skip: needsKubectl && !kubectl && "kubectl is not installed on this machine",
  }, async () => {
    const [result] = await runParity(place, [scenario]);
    assert.equal(result!.problem, undefined);
  });
}
