import assert from "node:assert/strict";
import { test } from "node:test";
import { shortRuns, simulate } from "./fixtures/simulate.ts";

test("whatever users do and whatever fails, no rule is broken, and control comes to rest with everything as it should be", async (t) => {
  const totals = await simulate(shortRuns);
  t.diagnostic(JSON.stringify(totals));
  const happened = [
    ...[
      "apply",
      "scale",
      "rollback",
      "split",
      "delete",
      "recreate",
      "crash",
      "evict",
      "refuse",
      "cannotStart",
      "invalidBundle",
      "backendFails",
      "conflicts",
    ],
    ...["fullDisk", "expireWatches", "slowAcknowledgement", "slowStore", "restartControl"],
    ...["runs", "stops", "routes", "switches", "deletions"].map((rule) => `checked ${rule}`),
  ];
  assert.deepEqual(
    happened.filter((what) => (totals[what] ?? 0) === 0),
    [],
    "each of these happened at least once",
  );
});
