// `npm test`: every check and every test in its short form.
import { filesIn } from "./checkout.ts";
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
  // First, because it installs what tests of the packages use where it is there, such as a real registry.
  { title: "tests of the test cluster", command: tests(1, "e2e/kubernetes/cluster.test.ts") },
  { title: "tests of the packages", command: tests(2, "packages/**/*.test.ts", "apps/**/*.test.ts", "bench/**/*.test.ts") },
  // One file at a time from here: each has a whole platform, or the one cluster of this machine, to itself.
  {
    title: "tests on Kubernetes",
    command: [
      "node",
      "scripts/cluster.ts",
      "run",
      ...tests(
        1,
        ...filesIn(["e2e/kubernetes"], ".test.ts")
          .map(({ name }) => name)
          .filter((name) => !name.endsWith("/cluster.test.ts")),
      ),
    ],
  },
  { title: "tests of the platform", command: tests(1, "e2e/*.test.ts") },
  { title: "tests by clients of others", command: tests(1, "e2e/clients/*.test.ts") },
]);
