import type { Clock } from "@slipway/base";
import type { ProcessRole } from "../host/process-spec.ts";
import type { ProcessTable } from "./process-table.ts";

/** How long each kind of process may take to end, together the bound of a shutdown; then it is killed. */
export interface ShutdownGrace {
  /** Default 8 s: it finishes the requests it accepted. */
  readonly gatewayMs?: number;
  /** Default 5 s: nothing reaches them any more. */
  readonly replicaMs?: number;
  /** Default 2 s. */
  readonly controlMs?: number;
}

/** After SIGKILL a process is gone, unless the kernel itself holds it; then the shutdown goes on without it. */
const deathMs = 1_000;

/** Ends all processes: the gateway first, so that it can finish its requests with replicas still there; control last, so that status is right to the end. */
export async function shutDown(table: ProcessTable, clock: Clock, grace: ShutdownGrace = {}): Promise<void> {
  const phases: readonly (readonly [ProcessRole, number])[] = [
    ["gateway", grace.gatewayMs ?? 8_000],
    ["replica", grace.replicaMs ?? 5_000],
    ["control", grace.controlMs ?? 2_000],
  ];
  for (const [role, graceMs] of phases) {
    const ids = table.all().flatMap(({ spec }) => (spec.role === role ? [spec.id] : []));
    for (const id of ids) table.stop(id, graceMs);
    const bound = new AbortController();
    await Promise.race([
      table.whenEnded(ids).then(() => bound.abort()),
      // Aborted as soon as all have ended, which is no failure.
      clock.sleep(graceMs + deathMs, bound.signal).catch(() => {}),
    ]);
  }
}
