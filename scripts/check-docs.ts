// Compares the documents with the code, in both directions. Exits 1 and names every difference. What can be generated is: see generate.ts.
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { errorCodes } from "@slipway/base";
import { Breaches, filesIn, isTestCode, root, workspaces } from "./checkout.ts";

const breaches = new Breaches();
const documents = filesIn(["."], ".md");
const sources = filesIn(["packages", "apps"], ".ts").filter(({ name }) => !isTestCode(name));

for (const folder of workspaces())
  if (!documents.some(({ name }) => name === `${folder}/README.md`)) breaches.add(folder, "has no README.md");
checkErrorCodes();
checkEnvironment();
for (const { name, text } of documents) checkLinks(name, text);
breaches.report(`documents: ${documents.length} files`);

/** The compiler knows that a code in use exists; this finds a code that is documented and never used. */
function checkErrorCodes(): void {
  const table = "packages/base/src/errors/error-codes.ts";
  const code = sources.filter(({ name }) => name !== table).map(({ text }) => text);
  for (const name of Object.keys(errorCodes))
    if (!code.some((text) => text.includes(`"${name}"`))) breaches.add(table, `no code throws ${name}`);
}

/** Variables that the program reads, and the rows of the table in docs/cli.md. */
function checkEnvironment(): void {
  const used = new Set(
    sources
      .filter(({ name }) => name.startsWith("apps/"))
      .flatMap(({ text }) => [...text.matchAll(/\benv(?:\.([A-Z_]+)\b|\["([A-Z_]+)"\])/g)].map((match) => match[1] ?? match[2]!)),
  );
  const [, table = ""] = (documents.find(({ name }) => name === "docs/cli.md")?.text ?? "").split("| Environment |");
  const listed = new Set([...table.split("\n\n")[0]!.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1]!));
  for (const name of used.difference(listed)) breaches.add("docs/cli.md", `does not list the environment variable ${name}`);
  for (const name of listed.difference(used)) breaches.add("docs/cli.md", `lists ${name}, which nothing reads`);
}

function checkLinks(name: string, text: string): void {
  const prose = text.replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`/g, "");
  for (const [, target = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? name : posix.join(posix.dirname(name), path);
    if (!existsSync(posix.join(root, file))) breaches.add(name, `links to ${target}, which is not there`);
    else if (anchor !== undefined && !anchors(file).has(anchor))
      breaches.add(name, `links to ${target}, but ${file} has no such heading`);
  }
}

/** The anchors that a Markdown file's headings get. */
function anchors(file: string): Set<string> {
  const text = documents.find(({ name }) => name === file)?.text ?? "";
  return new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replace(/\s/g, "-"),
    ),
  );
}
