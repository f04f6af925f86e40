import type { ParityScenario } from "./parity-scenario.ts";
import type { ParityResult } from "./run-parity.ts";

/** The results of one place, or why there are none. */
export interface PlaceResults {
  readonly place: string;
  readonly results: readonly ParityResult[];
  /** Why nothing was run there, in one sentence. */
  readonly notRun?: string;
}

/** A line for each scenario with what it gave in each place, then every problem in full, and a last line that counts. */
export function parityTable(scenarios: readonly ParityScenario[], places: readonly PlaceResults[]): string {
  const rows = scenarios.map((scenario) => [scenario.name, ...places.map((place) => cell(place, scenario)), scenario.title]);
  const table = [["SCENARIO", ...places.map(({ place }) => place.toUpperCase()), "WHAT HOLDS"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  const problems = places.flatMap(({ place, results }) =>
    results.flatMap(({ scenario, problem }) => (problem === undefined ? [] : [`${place}: ${scenario.name}: ${problem}`])),
  );
  return `${[...lines, "", ...problems, ...(problems.length > 0 ? [""] : []), last(scenarios, places)].join("\n")}\n`;
}

function last(scenarios: readonly ParityScenario[], places: readonly PlaceResults[]): string {
  const counts = places.map(({ place, results, notRun }) => {
    const held = results.filter(({ problem }) => problem === undefined).length;
    return notRun === undefined ? `${place} ${held} of ${scenarios.length}` : `${place} not run (${notRun})`;
  });
  const everywhere = scenarios.filter((scenario) => places.every((place) => cell(place, scenario).startsWith("holds"))).length;
  return `${counts.join(", ")}; the same in both: ${everywhere} of ${scenarios.length}`;
}

function cell({ results }: PlaceResults, { name }: ParityScenario): string {
  const result = results.find(({ scenario }) => scenario.name === name);
  if (result === undefined) return "not run";
  return result.problem === undefined ? `holds ${result.seconds} s` : "FAILS";
}
