// `npm run bench -- NAME`: runs bench/NAME.ts, which prints tables. Without a name it lists the benchmarks.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runSteps } from "./run.ts";

const folder = join(import.meta.dirname, "..", "bench");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3))
  .sort();
const [name, ...args] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(
    `usage: npm run bench -- NAME [OPTIONS]\n\n${names.map(describe).join("\n")}\n\nbench/README.md says how to read them.`,
  );
  process.exit(2);
}
runSteps([{ title: `bench ${name}`, command: ["node", `bench/${name}.ts`, ...args] }]);

/** What a benchmark says of itself in its first line. */
function describe(of: string): string {
  const [line] = readFileSync(join(folder, `${of}.ts`), "utf8").split("\n");
  return `  ${of.padEnd(10)} ${line!.replace(/^\/\/ (`npm run bench -- \w+`: )?/, "")}`;
}
