// `npm test`: every check and every test in its short form.
import { staticChecks } from "./checks.ts";
import { runSteps } from "./run.ts";

const tests = (concurrency: number, ...patterns: string[]) => [
  "node",
  "--test",
  `--test-concurrency=${concurrency}`,
  ...patterns,
];

runSteps([
  ...staticChecks,
  { title: "demo", command: ["node", "e2e/demo/demo.ts"] },
  { title: "tests of the packages", command: tests(2, "packages/**/*.test.ts", "apps/**/*.test.ts") },
  // One file at a time from here: each has a whole platform, or the one cluster of this machine, to itself.
  { title: "tests on Kubernetes", command: tests(1, "e2e/kubernetes/**/*.test.ts") },
  { title: "tests of the platform", command: tests(1, "e2e/*.test.ts") },
]);
