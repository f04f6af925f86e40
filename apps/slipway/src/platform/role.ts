import { type Clock, createLog, type Log, SlipwayError, systemClock, toWireError } from "@slipway/base";
import { connectLifeline, type Lifeline, lifelineVariable } from "@slipway/local";

/** What every process that the supervisor starts has. */
export interface RoleParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly lifeline: Lifeline;
  /** Aborts when the supervisor asks this process to end (SIGTERM). */
  readonly stop: AbortSignal;
}

/** Runs one role of the platform: reports its failure to the supervisor, ends at once when the supervisor is gone for good, and gently on SIGTERM. */
export async function runRole(component: string, role: (parts: RoleParts) => Promise<void>): Promise<void> {
  const clock = systemClock;
  const log = createLog({ write: (line) => process.stdout.write(line), clock, fields: { component } });
  // A log nobody takes any more must not end the process: the lifeline decides.
  process.stdout.on("error", () => {});
  const lifeline = connectLifeline({ ticket: process.env[lifelineVariable] ?? "", clock });
  lifeline.lost.addEventListener("abort", () => {
    log.error("the supervisor is gone; this process ends");
    process.exit(1);
  });
  const stop = new AbortController();
  process.on("SIGTERM", () => stop.abort());
  // The terminal sends SIGINT to the whole group; the supervisor decides the order in which its processes end.
  process.on("SIGINT", () => {});
  try {
    await role({ clock, log, lifeline, stop: stop.signal });
    lifeline.close();
    process.exit(0);
  } catch (caught) {
    const error = SlipwayError.from(caught);
    log.error("this process failed", { error: caught });
    lifeline.report({ state: "failed", error: toWireError(error) });
    // One turn for the report to leave.
    clock.after(50, () => process.exit(error.exitCode));
  }
}
