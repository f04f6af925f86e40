import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { run } from "../harness/platform.ts";
import { pythonSettings } from "../python/python-environment.ts";

/** Runs a Python file of this folder; every check that it reports must hold, and there must be some. */
export async function runChecks(t: TestContext, python: string, file: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await run(python, [join(import.meta.dirname, file), ...args], {
    env: pythonSettings,
  });
  const reports = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { check: string; error?: string; trace?: string });
  const failed = reports.filter(({ error }) => error !== undefined);
  assert.equal(failed.length, 0, failed.map(({ check, trace }) => `${check}\n${trace}`).join("\n"));
  assert.ok(code === 0 && reports.length > 0, `exit ${code}\n${stderr.slice(-3000)}`);
  t.diagnostic(`${reports.length} checks of ${file} hold: ${reports.map(({ check }) => check).join(", ")}`);
}
