// `npm run ok`: the quick inner loop.
import { staticChecks } from "./checks.ts";
import { runSteps } from "./run.ts";

runSteps([
  ...staticChecks,
  { title: "fast tests", command: ["node", "--test", "--test-reporter=dot", "packages/**/*.test.ts", "apps/**/*.test.ts"] },
]);
