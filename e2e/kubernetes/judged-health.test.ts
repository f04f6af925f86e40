// What Flux (by kstatus) and Argo CD (by the script of the documentation) make of a Model in each of its states, as control's own plans write them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { plan } from "@slipway/control";
import { renderInstall } from "@slipway/kubernetes";
import type { Model, ModelStatus } from "@slipway/spec";
import {
  both,
  bundle,
  crashed,
  model,
  now,
  replica,
  settled,
  statusWith,
  v1,
  v2,
  world,
} from "../../packages/control/src/plan/fixtures/plan-world.ts";
import { root, run } from "../harness/platform.ts";
import { judge, judgesMissing } from "./judges/judge-binaries.ts";

const skip = judgesMissing("health") ?? false;
if (skip !== false) console.error(`left out: the health of Models judged by kstatus and Argo CD's script. ${skip}`);

interface Verdict {
  readonly flux: string;
  readonly argo: string;
  readonly message: string;
}

const documented = readFileSync(join(root, "docs/kubernetes.md"), "utf8").match(/```lua\n(.*?)```/s)![1]!;
const next = model({ source: { bundle: bundle("b") } }, { status: statusWith(v1) });
const deletionTimestamp = "2026-01-01T00:00:00Z";

/** The Model of a world with the status that control's plan gives it. */
function planned(input: Parameters<typeof world>[0]): Model {
  const whole = settled(world(input));
  return { ...whole.model!, status: plan(whole, now).status! };
}

const ready = planned({ revisions: both.slice(0, 1), replicas: [replica(v1, 0)] });
const invalid = planned({ model: next, revisions: both, replicas: [replica(v1, 0), crashed(v2, 1, 0, "ModelInvalid")] });

const states: readonly (readonly [what: string, model: Model, flux: string, argo: string])[] = [
  ["that nobody has looked at", { ...model(), status: statusOfNew() }, "InProgress", "Progressing"],
  ["that starts", planned({ revisions: both.slice(0, 1), replicas: [replica(v1, 0, "starting")] }), "InProgress", "Progressing"],
  ["that is as it shall be", ready, "Current", "Healthy"],
  ["that has changed and was not looked at since", generation(ready, 2), "InProgress", "Progressing"],
  [
    "whose new revision starts",
    planned({ model: next, revisions: both, replicas: [replica(v1, 0), replica(v2, 0, "starting")] }),
    "InProgress",
    "Progressing",
  ],
  ["whose new revision can never start", invalid, "Failed", "Degraded"],
  [
    "whose traffic names a revision that is not there",
    planned({
      model: model({ traffic: [{ revision: "digits-0000000000", percent: 100 }] }, { status: statusWith(v1) }),
      revisions: both.slice(0, 1),
      replicas: [replica(v1, 0)],
    }),
    "Failed",
    "Degraded",
  ],
  [
    "that the cluster has no room for at the moment",
    planned({
      revisions: both.slice(0, 1),
      problems: [{ revision: v1, reason: "Unschedulable", message: "no node has enough memory" }],
    }),
    "InProgress",
    "Degraded",
  ],
  [
    "that fails again and again",
    planned({ revisions: both.slice(0, 1), replicas: [crashed(v1, 3, 0)] }),
    "InProgress",
    "Degraded",
  ],
  [
    "that is being deleted",
    planned({
      model: model({}, { metadata: { deletionTimestamp }, status: statusWith(v1) }),
      revisions: both.slice(0, 1),
      replicas: [replica(v1, 0)],
    }),
    "Terminating",
    "Progressing",
  ],
];

describe("the health of a Model", { skip }, () => {
  for (const [what, object, flux, argo] of states) {
    test(`one ${what} is ${flux} to Flux and ${argo} to Argo CD`, async (t) => {
      const [verdict] = await verdicts([object]);
      t.diagnostic(verdict!.message);
      assert.deepEqual([verdict!.flux, verdict!.argo], [flux, argo], JSON.stringify(object.status?.conditions));
      assert.notEqual(verdict!.message, "");
    });
  }

  test("the judges do judge: without what tells them, they say otherwise, and a word that Argo CD does not know is refused", async () => {
    const conditions = invalid.status!.conditions!.filter(({ type }) => type !== "Stalled");
    const found = await verdicts([model(), { ...invalid, status: { ...invalid.status!, conditions } }]);
    assert.deepEqual(
      found.map(({ flux }) => flux),
      ["Current", "InProgress"],
    );
    await assert.rejects(verdicts([ready], documented.replaceAll("Healthy", "Fine")), /the status "Fine", which is none/);
  });
});

async function verdicts(objects: readonly Model[], lua = documented): Promise<Verdict[]> {
  const { code, stdout, stderr } = await run(await judge("health"), [], { input: JSON.stringify({ lua, objects }) });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Verdict[];
}

/** What an API server gives a new Model for a status. */
function statusOfNew(): ModelStatus {
  const image = `registry.example/slipway@sha256:${"1".repeat(64)}`;
  const installed = renderInstall({ image, version: "0.1.0" });
  const { spec } = installed.find(({ metadata }) => metadata.name === "models.slipway.dev")!;
  const [version] = (
    spec as { versions: { schema: { openAPIV3Schema: { properties: { status: { default: ModelStatus } } } } }[] }
  ).versions;
  return version!.schema.openAPIV3Schema.properties.status.default;
}

function generation(of: Model, number: number): Model {
  return { ...of, metadata: { ...of.metadata, generation: number } };
}
