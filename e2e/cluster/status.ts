import { isWhole } from "./claim.ts";
import { givenKubeconfig } from "./given-cluster.ts";
import { kubectl } from "./kubectl.ts";
import { kubeconfigPath, registryHost } from "./layout.ts";
import { logPath } from "./machine.ts";
import { isAlive } from "./process-id.ts";
import { readState } from "./state.ts";

/** What runs, as text, and whether all of it does. */
export async function status(): Promise<{ whole: boolean; text: string }> {
  const given = givenKubeconfig();
  if (given !== undefined) return { whole: true, text: `KUBECONFIG is set: tests use the cluster of ${given}` };
  const state = readState();
  if (state === undefined) return { whole: false, text: "no cluster is up" };
  const lines = [`cluster: ${state.phase}`, `kubeconfig: ${kubeconfigPath}`, `registry: ${registryHost}`];
  for (const { name, init } of state.machines) {
    lines.push(`machine ${name}: ${isAlive(init) ? `process ${init.pid}` : "ended"}`);
    for (const part of state.components.filter(({ machine }) => machine === name)) {
      const running = isAlive(part.process) ? `process ${part.process.pid}` : "ended";
      lines.push(`  ${part.name}: ${running}, log ${logPath(`${name}.${part.name}`)}`);
    }
  }
  const nodes = await kubectl("get", "nodes", "-o", "wide").catch((error: Error) => `nodes: ${error.message}`);
  return { whole: isWhole(state), text: `${lines.join("\n")}\n${nodes.trimEnd()}` };
}
