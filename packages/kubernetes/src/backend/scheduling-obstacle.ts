import type { ReplicaError } from "@slipway/control";

/** Why no node takes a pod, as a scheduler says it: `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {a: b}. preemption: …`. */
export function schedulingObstacle(message: string): ReplicaError {
  const own = message.split(/\.?\s+(?:no new claims|preemption:)/)[0]!.replace(/[.\s]+$/, "");
  const short = [...own.matchAll(/Insufficient ([\w./-]+\w)/g)].map(([, name]) => name!);
  const says: string[] = [];
  if (short.length > 0)
    says.push(
      `no node has enough ${[...new Set(short)].sort().join(" and ")} left; ask for less in spec.resources, or add a node`,
    );
  if (/didn't match Pod's node affinity|didn't match node selector/.test(own))
    says.push("nodes do not have the labels that spec.placement asks for; correct nodeSelector or architecture, or label a node");
  if (/untolerated taint/.test(own)) says.push("nodes have taints; add spec.placement.tolerations, or take the taint away");
  if (/topology spread/.test(own)) says.push("the spread that spec.placement asks for cannot be kept");
  const what = says.length === 0 ? own || "no node takes it" : `${says.join("; ")} (${own})`;
  return { code: "unavailable", reason: "Unschedulable", message: what };
}
