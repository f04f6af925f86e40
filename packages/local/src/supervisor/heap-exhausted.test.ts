import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { TestPlatform } from "../../fixtures/platform.ts";
import { heapExhausted } from "./heap-exhausted.ts";

test("a full JavaScript heap counts as out of memory", async () => {
  const platform = await TestPlatform.create();
  try {
    await platform.startSupervisor();
    const plain = platform.spec("a", "fullHeap");
    const [node = "", ...args] = plain.argv;
    const spec = { ...plain, argv: [node, "--max-old-space-size=32", ...args] };
    await platform.start(spec);
    assert.equal((await platform.becomes(spec.id, "exited")).exit?.cause, "outOfMemory");
    assert.ok(heapExhausted(spec.logPath));
  } finally {
    await platform.close();
  }
});

test("heapExhausted says no of a log that is not there", () => {
  assert.equal(heapExhausted(join(import.meta.dirname, "no.log")), false);
});
