// `npm run ok`: the quick inner loop; under two minutes on two cores.
import { availableParallelism } from "node:os";
import { staticChecks } from "./checks.ts";
import { runSteps } from "./run.ts";

const concurrency = `--test-concurrency=${Math.max(2, availableParallelism() - 1)}`;
runSteps([
  ...staticChecks,
  {
    title: "fast tests",
    command: [
      "node",
      "--test",
      "--test-reporter=dot",
      concurrency,
      "packages/**/*.test.ts",
      "apps/**/*.test.ts",
      "bench/**/*.test.ts",
    ],
  },
]);
