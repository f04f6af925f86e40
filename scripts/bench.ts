// `npm run bench -- NAME`: runs bench/NAME.ts, which prints a table.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runSteps } from "./run.ts";

const names = readdirSync(join(import.meta.dirname, "..", "bench"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));
const name = process.argv[2];
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- NAME, where NAME is one of: ${names.sort().join(", ")}`);
  process.exit(2);
}
runSteps([{ title: `bench ${name}`, command: ["node", `bench/${name}.ts`, ...process.argv.slice(3)] }]);
