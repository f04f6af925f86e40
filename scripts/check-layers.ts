// Enforces the import table of ARCHITECTURE.md. Exits 1 and names every import that breaks it.
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { Breaches, filesIn, isTestCode, root, workspaces } from "./checkout.ts";

const breaches = new Breaches();
const table = importTable();
const files = filesIn(["packages", "apps", "e2e", "bench", "scripts"], ".ts");

for (const { name, text } of files) checkImports(name, text);
for (const folder of workspaces())
  if (!table.has(posix.basename(folder))) breaches.add("ARCHITECTURE.md", `its table of packages has no row for ${folder}`);
for (const row of table.keys())
  if (!workspaces().some((folder) => posix.basename(folder) === row))
    breaches.add("ARCHITECTURE.md", `its table names ${row}, which is no package`);
breaches.report(`layers: ${table.size} packages, ${files.length} files`);

/** Package → packages it may import, from the rows of the architecture page. */
function importTable(): Map<string, Set<string> | "all"> {
  const rows = new Map<string, Set<string> | "all">();
  for (const line of readFileSync(posix.join(root, "ARCHITECTURE.md"), "utf8").split("\n")) {
    const [, row = "", title = "", , imports = ""] = line.split("|").map((cell) => cell.trim());
    const name = /^`([a-z]+)`$/.exec(title)?.[1];
    if (!/^\d$/.test(row) || name === undefined) continue;
    rows.set(
      name,
      imports.startsWith("everything") ? "all" : new Set([...imports.matchAll(/`([a-z]+)`/g)].map((match) => match[1]!)),
    );
  }
  return rows;
}

function checkImports(name: string, text: string): void {
  const own = /^(?:packages|apps)\/([a-z]+)\//.exec(name)?.[1];
  const code = text.replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, "");
  for (const match of code.matchAll(/(?:from|import\(?)\s*"([^"]+)"/g)) {
    const target = match[1]!;
    const [, imported, inner] = /^@slipway\/([a-z]+)(\/.*)?$/.exec(target) ?? [];
    if (imported !== undefined) checkPackage(name, own, imported, inner);
    else if (own !== undefined && target.startsWith(".")) checkFile(name, target);
  }
}

function checkPackage(name: string, own: string | undefined, imported: string, inner: string | undefined): void {
  if (inner !== undefined && !doors(imported).includes(`.${inner}`))
    breaches.add(
      name,
      `"@slipway/${imported}${inner}" reaches into a package; its package.json names the files that have the promises`,
    );
  if (own === undefined || imported === own) return;
  const allowed = table.get(own);
  const permitted = imported !== "testkit" && (allowed === "all" || allowed?.has(imported) === true);
  if (!permitted && !isTestCode(name))
    breaches.add(name, `may not import @slipway/${imported} (see the table in ARCHITECTURE.md)`);
}

/** What of a package may be imported: `.`, and parts that load less. */
function doors(imported: string): string[] {
  const folder = workspaces().find((other) => posix.basename(other) === imported);
  if (folder === undefined) return [];
  return Object.keys(JSON.parse(readFileSync(posix.join(root, folder, "package.json"), "utf8")).exports);
}

function checkFile(name: string, target: string): void {
  const file = posix.join(posix.dirname(name), target);
  const home = name.split("/").slice(0, 2).join("/");
  if (!file.startsWith(`${home}/`)) breaches.add(name, `"${target}" leaves its package; import through @slipway/NAME`);
  if (isTestCode(file) && !isTestCode(name)) breaches.add(name, `"${target}" is for tests`);
}
