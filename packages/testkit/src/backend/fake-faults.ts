import type { PlaceProblem } from "@slipway/control";

/** How often each fault really happened. */
export interface FakeFaults {
  readonly crashes: number;
  readonly evictions: number;
  readonly invalidModels: number;
  readonly failedStarts: number;
  readonly ignoredStops: number;
  readonly failedCalls: number;
  readonly refusedReplicas: number;
}

/** Which faults a fake's replicas have, and how often each happened. Revisions are named by `NAMESPACE/REVISION`. */
export class FaultSwitches {
  readonly invalidBundles = new Set<string>();
  readonly unstartable = new Set<string>();
  readonly stubborn = new Set<string>();
  readonly problems = new Map<string, PlaceProblem & { readonly namespace: string }>();
  readonly counts: { -readonly [fault in keyof FakeFaults]: number } = {
    crashes: 0,
    evictions: 0,
    invalidModels: 0,
    failedStarts: 0,
    ignoredStops: 0,
    failedCalls: 0,
    refusedReplicas: 0,
  };
}
