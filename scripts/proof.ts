// `npm run proof -- NAME`: the end-to-end test NAME at full length; its output goes to proofs/NAME.txt with date, commit and machine.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { basename, join } from "node:path";
import { filesIn, root } from "./checkout.ts";

const tests = new Map(filesIn(["e2e"], ".test.ts").map((file) => [basename(file.name, ".test.ts"), file.name]));
const name = process.argv[2] ?? "";
const file = tests.get(name);
if (file === undefined) {
  console.error(`usage: npm run proof -- NAME, where NAME is one of: ${[...tests.keys()].sort().join(", ")}`);
  process.exit(2);
}

const heading = [
  `npm run proof -- ${name}`,
  `date:    ${new Date().toISOString()}`,
  `commit:  ${commit()}`,
  `machine: ${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
  `system:  ${process.platform} ${process.arch}, Node.js ${process.version}`,
];
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

/** The commit that is proven; says so when the files are not what it holds, other proofs aside. */
function commit(): string {
  const changed = git("status", "--porcelain", "--", ":/", ":(exclude)proofs");
  return `${git("rev-parse", "--short=12", "HEAD")}${changed === "" ? "" : ", with uncommitted changes"}`;
}

function git(...args: string[]): string {
  const result = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : "unknown";
}
