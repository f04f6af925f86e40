// Enforces the rules of ARCHITECTURE.md that keep the code readable and its tests honest. Exits 1 and names every breach.
import { undocumentedExports } from "./check-code/undocumented-exports.ts";
import { Breaches, filesIn, isTestCode, workspaces } from "./checkout.ts";

/** Words that are banned outside test code, where they are allowed, and why. */
const bans: readonly { readonly pattern: RegExp; readonly allowed: RegExp; readonly why: string }[] = [
  {
    pattern: /\b(Date\.now|performance\.now|setTimeout|setInterval)\b/,
    allowed: /^(packages\/base\/src\/clock\/|scripts\/|bench\/)/,
    why: "time comes through a Clock argument, so that decisions can be tested without waiting",
  },
  {
    pattern: /\bprocess\.(env|argv)\b/,
    allowed: /^(apps\/slipway\/src\/|scripts\/|bench\/)/,
    why: "the environment is read in one place; packages take options",
  },
  { pattern: /\bconsole\./, allowed: /^(scripts\/|bench\/)/, why: "write through a Log, or the command's output" },
  { pattern: /^export default\b/, allowed: /^$/, why: "named exports only" },
];

/** What a test must not do. */
const testBans: readonly { readonly pattern: RegExp; readonly allowed: RegExp; readonly why: string }[] = [
  {
    pattern: /\bsetTimeout\(\s*(resolve|r|done)\b|\bsleep\(\d/,
    allowed: /\/clock\/|^e2e\/harness\//,
    why: "a test that sleeps: wait for a condition with a deadline instead",
  },
  { pattern: /\b(test|it|describe|suite)\.only\b|\bonly: true\b/, allowed: /^$/, why: "runs alone, so that the others do not" },
  {
    pattern: /\b(test|it|describe|suite)\.(skip|todo)\b|\b(skip|todo): true\b|\.(skip|todo)\(\)/,
    allowed: /^$/,
    why: 'skipped without a reason: write `{ skip: condition && "why" }`',
  },
];

const breaches = new Breaches();
const files = filesIn(["packages", "apps", "e2e", "bench", "scripts"], ".ts");
const sizes: number[] = [];

for (const { name, text } of files) {
  const lines = text.split("\n").length - 1;
  if (!isTestCode(name)) sizes.push(lines);
  if (lines > 500) breaches.add(name, `${lines} lines; split it (the limit is 500)`);
  if (/(^|\/)(utils?|helpers?|common|misc)(\.|\/)/.test(name))
    breaches.add(name, "a name that says nothing about what belongs there");
  if (name.endsWith(".test.ts") && !/^(e2e|bench|packages\/[^/]+\/src|apps\/[^/]+\/src)\/(?!.*\b(tests?|__tests__)\/)/.test(name))
    breaches.add(name, "a test away from what it tests; put it beside the source");
  checkBans(name, text);
}
for (const folder of workspaces())
  for (const problem of undocumentedExports(`${folder}/src/index.ts`)) breaches.add(`${folder}/src/index.ts`, problem);

sizes.sort((a, b) => a - b);
const [median = 0, p90 = 0] = [0.5, 0.9].map((share) => sizes[Math.floor(sizes.length * share)]);
if (p90 > 300) breaches.add("all sources", `90 % of files should have at most 300 lines; the figure is ${p90}`);
breaches.report(`code: ${files.length} files, median ${median} lines, 90 % at most ${p90}`);

function checkBans(name: string, text: string): void {
  text.split("\n").forEach((line, index) => {
    const code = line.replace(/\/\/.*$/, "").replace(/^\s*\*.*$/, "");
    for (const { pattern, allowed, why } of isTestCode(name) ? testBans : bans) {
      const found = pattern.exec(code);
      if (found !== null && !allowed.test(name)) breaches.add(`${name}:${index + 1}`, `${found[0]}: ${why}`);
    }
  });
}
