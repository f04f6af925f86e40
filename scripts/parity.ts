// `npm run parity [-- SCENARIO…]`: every parity scenario on this machine and, where Slipway is installed, on Kubernetes; all of them go to proofs/parity.txt.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ParityResult, parityScenarios, parityTable, runParity } from "@slipway/testkit";
import { LocalPlace } from "../e2e/parity/local-place.ts";
import { root } from "./checkout.ts";
import { proofHeading } from "./proof-heading.ts";

const asked = process.argv.slice(2);
const known = parityScenarios.map(({ name }) => name);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no such scenario: ${unknown.join(", ")}; there are: ${known.join(", ")}`);
  process.exit(2);
}
const scenarios = parityScenarios.filter(({ name }) => asked.length === 0 || asked.includes(name));
const heading = proofHeading("npm run parity");

const local = await LocalPlace.up();
let results: ParityResult[];
try {
  results = await runParity(local, scenarios, { told });
} finally {
  await local.close();
}
const places = [
  { place: "local", results },
  { place: "Kubernetes", results: [], notRun: "no installation is there yet" },
];
const table = parityTable(scenarios, places);
console.log(`\n${table}`);
if (asked.length === 0) {
  mkdirSync(join(root, "proofs"), { recursive: true });
  writeFileSync(join(root, "proofs", "parity.txt"), `${heading.join("\n")}\n\n${table.replaceAll(root, ".")}`);
}
if (results.some(({ problem }) => problem !== undefined)) process.exitCode = 1;

function told({ place, scenario, seconds, problem }: ParityResult): void {
  console.error(`${place}: ${scenario.name}: ${problem ?? `holds, ${seconds} s`}`);
}
