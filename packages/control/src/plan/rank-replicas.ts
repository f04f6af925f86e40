import type { ObservedReplica } from "../backend.ts";

const standing: Record<ObservedReplica["state"], number> = { ready: 0, starting: 1, exited: 2, draining: 3 };

/**
 * Replicas of one revision, those to keep first: ready before starting before failed, older before younger, then by name. The same in every
 * place, and never one that answers after one that does not yet.
 */
export function rankReplicas(replicas: readonly ObservedReplica[]): ObservedReplica[] {
  return [...replicas].sort(
    (a, b) => standing[a.state] - standing[b.state] || a.startedAt - b.startedAt || (a.name < b.name ? -1 : 1),
  );
}
