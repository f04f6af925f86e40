// What must be the same in every place, on Kubernetes. `npm run parity` runs all of it, on this machine too, and writes proofs/parity.txt.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { parityScenarios, runParity } from "@slipway/testkit";
import { amount } from "../harness/length.ts";
import type { KubernetesPlace } from "../parity/kubernetes-place.ts";
import { openKubernetesPlace } from "../parity/open-kubernetes-place.ts";
import { leftOut } from "./harness/use-cluster.ts";

describe("what must be the same in every place", { skip: leftOut("parity on Kubernetes", "nodes") }, () => {
  let opened: { readonly place: KubernetesPlace; close(): Promise<void> };
  before(async () => {
    opened = await openKubernetesPlace();
  });
  after(() => opened?.close());

  for (const [index, scenario] of parityScenarios.entries()) {
    // The same few as on this machine in the short form.
    if (index % amount(4, 1) !== 0) continue;
    test(`${scenario.name}: ${scenario.title}`, async () => {
      const [result] = await runParity(opened.place, [scenario]);
      assert.equal(result!.problem, undefined);
    });
  }
});
