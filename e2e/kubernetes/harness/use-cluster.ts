import type { Cluster } from "../../cluster/index.ts";
import { cannotRun, down, givenKubeconfig, readState, up } from "../../cluster/index.ts";

/** A cluster lent to one test file. */
export interface BorrowedCluster extends Cluster {
  /** Takes down what this file brought up; a cluster that was there before stays. */
  release(): Promise<void>;
}

/** Why no cluster can be had here, for a test's `skip`; it is printed, so that nothing is left out in silence. False when one can. */
export function leftOut(what: string): string | false {
  const reason = givenKubeconfig() === undefined ? cannotRun() : undefined;
  if (reason === undefined) return false;
  console.error(`left out: ${what}. ${reason}`);
  return reason;
}

/** The cluster that is up, or a new one for the length of this file. */
export async function useCluster(): Promise<BorrowedCluster> {
  const ours = givenKubeconfig() === undefined && readState() === undefined;
  const cluster = await up((line) => console.error(line));
  return { ...cluster, release: () => (ours ? down(() => {}) : Promise.resolve()) };
}
