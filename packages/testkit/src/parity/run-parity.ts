import { type Clock, systemClock } from "@slipway/base";
import type { ParityPlace } from "./parity-place.ts";
import type { ParityScenario } from "./parity-scenario.ts";
import { ScenarioRun } from "./scenario-run.ts";

/** What a scenario gave in a place. */
export interface ParityResult {
  readonly scenario: ParityScenario;
  readonly place: string;
  /** What was not as expected, or undefined. */
  readonly problem: string | undefined;
  readonly seconds: number;
}

/** Runs the scenarios in a place, one after the other; each leaves nothing behind. */
export async function runParity(
  place: ParityPlace,
  scenarios: readonly ParityScenario[],
  options: { readonly clock?: Clock; readonly told?: (result: ParityResult) => void } = {},
): Promise<ParityResult[]> {
  const { clock = systemClock, told = () => {} } = options;
  const results: ParityResult[] = [];
  for (const scenario of scenarios) {
    const started = clock.monotonic();
    const run = new ScenarioRun(place, scenario.name, clock);
    const problems: string[] = [];
    const attempt = async (what: () => Promise<void>, about = "") => {
      await what().catch((caught: unknown) => {
        problems.push(`${about}${caught instanceof Error ? caught.message : String(caught)}`);
      });
    };
    await attempt(() => run.perform(scenario.steps));
    await attempt(() => run.cleanUp(), "afterwards: ");
    const seconds = Math.round((clock.monotonic() - started) / 100) / 10;
    const result = { scenario, place: place.name, problem: problems.length === 0 ? undefined : problems.join("; "), seconds };
    results.push(result);
    told(result);
  }
  return results;
}
