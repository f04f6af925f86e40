// `npm test`: every check and every test in its short form.
import { staticChecks } from "./checks.ts";
import { runSteps } from "./run.ts";

runSteps([
  ...staticChecks,
  { title: "demo", command: ["node", "e2e/demo/demo.ts"] },
  {
    title: "tests",
    // Two cores: two files at a time; the end-to-end files start whole platforms of their own.
    command: ["node", "--test", "--test-concurrency=2", "packages/**/*.test.ts", "apps/**/*.test.ts", "e2e/**/*.test.ts"],
  },
]);
