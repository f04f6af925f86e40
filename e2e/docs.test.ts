// Every command in the README's code blocks, as it stands there, against this checkout and a home of its own.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root, run, TestPlatform } from "./harness/platform.ts";

/** Commands that cannot run inside a test as they stand, and what runs in their place. */
const stands: Readonly<Record<string, string>> = {
  "npm ci": "npm ci --dry-run", // would take away the modules this test runs on
  "npm test": "npm pkg get scripts.test", // runs this test
  "npm run demo": "npm pkg get scripts.demo", // a step of `npm test`
};

let platform: TestPlatform;
before(async () => {
  platform = await TestPlatform.create();
});
after(() => platform.destroy());

test("every command in the README exits 0", async (t) => {
  const commands = codeLines(await readFile(join(root, "README.md"), "utf8"));
  assert.ok(commands.length >= 8, `commands were found: ${commands.join("; ")}`);
  for (const command of commands) {
    const result = await run("sh", ["-c", stands[command] ?? command], { env: { SLIPWAY_HOME: platform.home } });
    t.diagnostic(`${command}: exit ${result.code}`);
    assert.equal(result.code, 0, `${command}\n${result.stderr}${result.stdout}`);
    assert.notEqual(result.stdout.trim(), "{}", `${command} is a script of package.json`);
  }
  assert.deepEqual(await platform.processes(), [], "the last command ended everything");
});

/** The lines of all code blocks, without their comments. */
function codeLines(markdown: string): string[] {
  return [...markdown.matchAll(/^```\w*\n(.*?)^```/gms)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .map((line) => line.replace(/\s+# .*$/, "").trim())
    .filter((line) => line !== "");
}
