import type { Cluster } from "../../cluster/index.ts";
import { cannotRun, down, givenKubeconfig, readState, up } from "../../cluster/index.ts";

/** A cluster lent to one test file. */
export interface BorrowedCluster extends Cluster {
  /** Takes down what this file brought up; a cluster that was there before stays. */
  release(): Promise<void>;
}

/**
 * What a file needs of a cluster beside being one, which only our own has. `nodes`: processes and machines that it may kill. `kinds`: nobody else's
 * kinds and no other installation, because it makes and removes them.
 */
export type Needs = "nodes" | "kinds";

/** Why a file cannot run here, for a test's `skip`; it is printed, so that nothing is left out in silence. False when it can. */
export function leftOut(what: string, needs?: Needs): string | false {
  const reason = givenKubeconfig() === undefined ? cannotRun() : lacking(needs);
  if (reason === undefined) return false;
  console.error(`left out: ${what}. ${reason}`);
  return reason;
}

/** What the cluster of KUBECONFIG does not have. */
function lacking(needs: Needs | undefined): string | undefined {
  if (needs === "nodes")
    return "KUBECONFIG is set, and this file kills processes and nodes, which it does in its own cluster only.";
  if (needs === "kinds")
    return "KUBECONFIG is set, and this file adds and removes kinds and the platform itself, which it does in its own cluster only.";
  if ((process.env.SLIPWAY_TEST_REGISTRY ?? "") !== "") return undefined;
  return "KUBECONFIG is set, and SLIPWAY_TEST_REGISTRY does not name a registry (HOST:PORT) from which that cluster pulls.";
}

/** The cluster that is up, or a new one for the length of this file. */
export async function useCluster(): Promise<BorrowedCluster> {
  const ours = givenKubeconfig() === undefined && readState() === undefined;
  const cluster = await up((line) => console.error(line));
  return { ...cluster, release: () => (ours ? down(() => {}) : Promise.resolve()) };
}
