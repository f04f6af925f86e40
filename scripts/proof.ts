// `npm run proof -- NAME`: the end-to-end test NAME at full length; its output goes to proofs/NAME.txt with date, commit and machine.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { filesIn, root } from "./checkout.ts";
import { proofHeading } from "./proof-heading.ts";

const tests = new Map(filesIn(["e2e"], ".test.ts").map((file) => [basename(file.name, ".test.ts"), file.name]));
const name = process.argv[2] ?? "";
const file = tests.get(name);
if (file === undefined) {
  console.error(`usage: npm run proof -- NAME, where NAME is one of: ${[...tests.keys()].sort().join(", ")}`);
  process.exit(2);
}

const heading = proofHeading(`npm run proof -- ${name}`);
const folder = mkdtempSync(join(tmpdir(), "slipway-proof-"));
const report = join(folder, "report.txt");
console.log(`${heading.join("\n")}\n`);
// To the terminal as it goes, and to a file for the proof.
const reporters = ["stdout", report].flatMap((to) => ["--test-reporter=spec", `--test-reporter-destination=${to}`]);
const run = spawnSync("node", ["--test", ...reporters, file], {
  cwd: root,
  env: { ...process.env, SLIPWAY_TEST_LENGTH: "full", NO_COLOR: "1" },
  stdio: ["ignore", "inherit", "inherit"],
});
heading.push(`exit:    ${run.status ?? run.signal}`);
mkdirSync(join(root, "proofs"), { recursive: true });
// What is committed says nothing about where the checkout is.
const output = readFileSync(report, "utf8")
  .replaceAll(root, ".")
  .replaceAll(/[ \t]+$/gm, "");
writeFileSync(join(root, "proofs", `${name}.txt`), `${heading.join("\n")}\n\n${output}`);
rmSync(folder, { recursive: true });
process.exitCode = run.status ?? 1;
