import { kubeconfigPath } from "./layout.ts";

/** The kubeconfig of a cluster that the caller brought along in KUBECONFIG; undefined when the tests bring up their own. */
export function givenKubeconfig(): string | undefined {
  const path = process.env.KUBECONFIG;
  // Whoever exports the path of our own cluster still means our own cluster.
  return path === undefined || path === "" || path === kubeconfigPath ? undefined : path;
}
