import assert from "node:assert/strict";
import { test } from "node:test";
import { replicaBounds } from "./replica-bounds.ts";

const rows: [scaling: { minReplicas: number; maxReplicas?: number }, min: number, max: number][] = [
  [{ minReplicas: 1 }, 1, 10],
  [{ minReplicas: 10 }, 10, 10],
  [{ minReplicas: 11 }, 11, 11],
  [{ minReplicas: 2, maxReplicas: 3 }, 2, 3],
];

for (const [scaling, min, max] of rows) {
  test(`replicaBounds() of ${JSON.stringify(scaling)}`, () => assert.deepEqual(replicaBounds(scaling), { min, max }));
}
