// Enforces the import table of ARCHITECTURE.md and the rules that keep the code readable. Exits 1 and names every breach.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const root = join(import.meta.dirname, "..");
const breaches: string[] = [];

/** Where a banned word is allowed, and why it is banned elsewhere. Longest file size waivers are listed beside it. */
const bans: readonly { pattern: RegExp; allowed: RegExp; why: string }[] = [
  {
    pattern: /\b(Date\.now|performance\.now|setTimeout|setInterval)\b/,
    allowed: /^(packages\/base\/src\/clock\/|scripts\/|bench\/)/,
    why: "time comes through a Clock argument, so that decisions can be tested without waiting",
  },
  {
    pattern: /\bprocess\.(env|argv)\b/,
    allowed: /^(apps\/slipway\/src\/|scripts\/|e2e\/|bench\/)/,
    why: "the environment is read in one place; packages take options",
  },
  { pattern: /\bconsole\./, allowed: /^(scripts\/|e2e\/|bench\/)/, why: "write through a Log, or the command's output" },
  { pattern: /^export default\b/m, allowed: /^$/, why: "named exports only" },
];
const sizeWaivers = new Set<string>([]);

const table = importTable();
const files = ["packages", "apps", "e2e", "bench", "scripts"].flatMap((folder) => sources(join(root, folder)));
const sizes: number[] = [];

for (const path of files) {
  const name = relative(root, path).split(sep).join("/");
  const text = readFileSync(path, "utf8");
  const isTest = /\.test\.ts$|\/fixtures\//.test(name) || name.startsWith("packages/testkit/") || name.startsWith("e2e/");
  checkSize(name, text, isTest);
  if (/(^|\/)(utils?|helpers?|common|misc)(\.|\/)/.test(name)) breach(name, "a name that says nothing about what belongs there");
  checkImports(name, text, isTest);
  if (!isTest) checkBans(name, text);
  if (
    isTest &&
    /\bsetTimeout\(\s*(resolve|r|done)\b|\bsleep\(\d/.test(text) &&
    !/\/clock\/|^e2e\/harness\/(eventually|traffic)\.ts$/.test(name)
  ) {
    breach(name, "a test that sleeps: wait for a condition with a deadline instead");
  }
}
sizes.sort((a, b) => a - b);
const p90 = sizes[Math.floor(sizes.length * 0.9)] ?? 0;
if (p90 > 300) breach("all sources", `90 % of files should have at most 300 lines; the figure is ${p90}`);

for (const line of breaches) console.error(line);
const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
console.log(`layers: ${files.length} files, median ${median} lines, p90 ${p90}, ${breaches.length} breaches`);
process.exitCode = breaches.length === 0 ? 0 : 1;

function breach(name: string, why: string): void {
  breaches.push(`${name}: ${why}`);
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/node_modules|[\\/]dist[\\/]|[\\/]generated[\\/]/.test(path));
}

/** Package → packages it may import, from the rows of the architecture page. */
function importTable(): Map<string, Set<string> | "all"> {
  const rows = new Map<string, Set<string> | "all">();
  for (const line of readFileSync(join(root, "ARCHITECTURE.md"), "utf8").split("\n")) {
    const cells = line.split("|").map((cell) => cell.trim());
    const name = /^`([a-z]+)`$/.exec(cells[2] ?? "")?.[1];
    if (!/^\d$/.test(cells[1] ?? "") || name === undefined) continue;
    const imports = cells[4] ?? "";
    rows.set(
      name,
      imports.startsWith("everything") ? "all" : new Set([...imports.matchAll(/`([a-z]+)`/g)].map((match) => match[1]!)),
    );
  }
  if (rows.size < 10) breach("ARCHITECTURE.md", "its table of packages could not be read");
  return rows;
}

function checkSize(name: string, text: string, isTest: boolean): void {
  const lines = text.split("\n").length - 1;
  if (!isTest) sizes.push(lines);
  if (lines > 500 && !sizeWaivers.has(name)) breach(name, `${lines} lines; split it (the limit is 500)`);
}

function checkImports(name: string, text: string, isTest: boolean): void {
  const own = /^(?:packages|apps)\/([a-z]+)\//.exec(name)?.[1];
  for (const match of text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
    const target = match[1]!;
    const inner = /^@slipway\/([a-z]+)(\/.*)?$/.exec(target);
    if (inner === null) {
      if (
        own !== undefined &&
        target.startsWith(".") &&
        !join(name, "..", target)
          .split(sep)
          .join("/")
          .startsWith(`${name.split("/").slice(0, 2).join("/")}/`)
      ) {
        breach(name, `"${target}" leaves its package; import through @slipway/NAME`);
      }
      continue;
    }
    if (inner[2] !== undefined) breach(name, `"${target}" reaches into a package; import what its index.ts promises`);
    if (own === undefined) continue;
    const allowed = table.get(own);
    if (allowed === undefined) breach(name, `package ${own} has no row in ARCHITECTURE.md`);
    else if (inner[1] === "testkit" ? !isTest : allowed !== "all" && !allowed.has(inner[1]!) && !isTest && inner[1] !== own) {
      breach(name, `may not import @slipway/${inner[1]} (see the table in ARCHITECTURE.md)`);
    }
  }
}

function checkBans(name: string, text: string): void {
  text.split("\n").forEach((line, index) => {
    const code = line.replace(/\/\/.*$/, "").replace(/^\s*\*.*$/, "");
    for (const ban of bans) {
      if (ban.pattern.test(code) && !ban.allowed.test(name)) breach(`${name}:${index + 1}`, `${ban.pattern.source}: ${ban.why}`);
    }
  });
}
