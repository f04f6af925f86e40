// `npm run proof -- NAME`: the end-to-end test NAME at full length; its output goes to proofs/NAME.txt with date, commit and machine.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { cpus, platform, totalmem } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const names = readdirSync(join(root, "e2e"), { recursive: true })
  .map(String)
  .filter((path) => path.endsWith(".test.ts"))
  .map((path) => path.replace(/^.*[\\/]/, "").replace(/\.test\.ts$/, ""));
const name = process.argv[2];
const file = readdirSync(join(root, "e2e"), { recursive: true })
  .map(String)
  .find((path) => path === `${name}.test.ts` || path.endsWith(`/${name}.test.ts`));
if (name === undefined || file === undefined || !existsSync(join(root, "e2e", file))) {
  console.error(`usage: npm run proof -- NAME, where NAME is one of: ${names.sort().join(", ")}`);
  process.exit(2);
}
const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
const dirty =
  execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" }).trim() === ""
    ? ""
    : " with uncommitted changes";
const result = spawnSync("node", ["--test", "--test-reporter=spec", `e2e/${file}`], {
  cwd: root,
  encoding: "utf8",
  env: { ...process.env, SLIPWAY_TEST_LENGTH: "full" },
  maxBuffer: 64 * 1024 * 1024,
});
const heading = [
  `npm run proof -- ${name}`,
  `date:    ${new Date().toISOString()}`,
  `commit:  ${commit}${dirty}`,
  `machine: ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()}, Node ${process.version}`,
  `exit:    ${result.status}`,
  "",
];
const text = `${heading.join("\n")}\n${result.stdout}${result.stderr}`;
writeFileSync(join(root, "proofs", `${name}.txt`), text);
process.stdout.write(text);
process.exitCode = result.status ?? 1;
