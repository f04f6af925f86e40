// `npm run parity [-- SCENARIO…]`: every parity scenario on this machine and, where a cluster can be had, on Kubernetes; all of them go to proofs/parity.txt.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ParityPlace,
  type ParityResult,
  type PlaceResults,
  parityScenarios,
  parityTable,
  runParity,
} from "@slipway/testkit";
import { cannotRun, givenKubeconfig } from "../e2e/cluster/index.ts";
import { LocalPlace } from "../e2e/parity/local-place.ts";
import { openKubernetesPlace } from "../e2e/parity/open-kubernetes-place.ts";
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

const places = [await onThisMachine(), await onKubernetes()];
const table = parityTable(scenarios, places);
console.log(`\n${table}`);
if (asked.length === 0) {
  mkdirSync(join(root, "proofs"), { recursive: true });
  writeFileSync(join(root, "proofs", "parity.txt"), `${heading.join("\n")}\n\n${table.replaceAll(root, ".")}`);
}
const failed = places.some(({ notRun, results }) => notRun === undefined && results.some(({ problem }) => problem !== undefined));
if (failed) process.exitCode = 1;

async function onThisMachine(): Promise<PlaceResults> {
  const place = await LocalPlace.up();
  return { place: place.name, results: await resultsOf(place, () => place.close()) };
}

async function onKubernetes(): Promise<PlaceResults> {
  const reason = givenKubeconfig() === undefined ? cannotRun() : undefined;
  if (reason !== undefined) return { place: "Kubernetes", results: [], notRun: reason.replace(/\.$/, "") };
  const { place, close } = await openKubernetesPlace();
  return { place: place.name, results: await resultsOf(place, close) };
}

async function resultsOf(place: ParityPlace, close: () => Promise<void>): Promise<ParityResult[]> {
  try {
    return await runParity(place, scenarios, { told });
  } finally {
    await close();
  }
}

function told({ place, scenario, seconds, problem }: ParityResult): void {
  console.error(`${place}: ${scenario.name}: ${problem ?? `holds, ${seconds} s`}`);
}
