import type { ParityScenario } from "./parity-scenario.ts";
import { brokenScenarios } from "./scenarios/broken.ts";
import { faultScenarios } from "./scenarios/faults.ts";
import { inferenceScenarios } from "./scenarios/inference.ts";
import { refusalScenarios } from "./scenarios/refusals.ts";
import { scalingScenarios } from "./scenarios/scaling.ts";
import { servingScenarios } from "./scenarios/serving.ts";
import { toolScenarios } from "./scenarios/tools.ts";
import { versionScenarios } from "./scenarios/versions.ts";

/** Everything that must be the same in every place. */
export const parityScenarios: readonly ParityScenario[] = [
  ...servingScenarios,
  ...versionScenarios,
  ...scalingScenarios,
  ...refusalScenarios,
  ...brokenScenarios,
  ...faultScenarios,
  ...toolScenarios,
  ...inferenceScenarios,
];
