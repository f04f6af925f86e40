import { join } from "node:path";
import { binaryFolder } from "./binaries.ts";
import { givenKubeconfig } from "./given-cluster.ts";
import { kubeconfigPath, stateFolder } from "./layout.ts";
import { must } from "./must.ts";

/** The kubectl built with our own cluster, so that its version is the cluster's; for a given cluster, the one on the PATH. */
export function kubectlPath(): string {
  return givenKubeconfig() === undefined ? join(binaryFolder, "kubectl") : "kubectl";
}

/** Runs kubectl against the cluster of the tests, ours or the given one; gives what it printed, throws when it fails. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return must(kubectlPath(), [...connection(), ...args]);
}

/** Applies objects, server-side. */
export async function kubectlApply(objects: readonly object[], ...flags: readonly string[]): Promise<string> {
  const list = { apiVersion: "v1", kind: "List", items: objects };
  return must(kubectlPath(), [...connection(), "apply", "--server-side", ...flags, "-f", "-"], JSON.stringify(list));
}

/** An object or a list as the API gives it. */
export async function kubectlGet<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl("get", "-o", "json", ...args)) as T;
}

function connection(): string[] {
  const given = givenKubeconfig();
  if (given !== undefined) return ["--kubeconfig", given];
  return ["--kubeconfig", kubeconfigPath, "--cache-dir", join(stateFolder, "kubectl-cache")];
}
