import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { surviveKill } from "@slipway/testkit";

test("every acknowledged write survives SIGKILL at any moment", { timeout: 120_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-store-"));
  t.after(() => rmSync(directory, { recursive: true }));
  await surviveKill(join(directory, "state.db"), [1, 40, 7, 350, 120]);
});
