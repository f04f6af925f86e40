// Runs the steps of a check one after another, says how long each took, and stops at the first that fails.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** One step: a title and the command that must exit 0. */
export interface Step {
  readonly title: string;
  readonly command: readonly string[];
}

/** Runs all steps in order from the top of the checkout; exits the process with the first failing step's code. */
export function runSteps(steps: readonly Step[], env: Readonly<Record<string, string>> = {}): void {
  for (const { title, command } of steps) {
    const started = performance.now();
    const [program, ...args] = command;
    const result = spawnSync(program!, args, {
      stdio: "inherit",
      cwd: join(import.meta.dirname, ".."),
      env: { ...process.env, ...env },
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (result.status !== 0) {
      console.error(`✗ ${title} (${seconds} s): exit ${result.status ?? result.signal}`);
      process.exit(result.status ?? 1);
    }
    console.error(`✓ ${title} (${seconds} s)`);
  }
}
