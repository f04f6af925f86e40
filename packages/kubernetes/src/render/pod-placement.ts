import type { Placement } from "@slipway/spec";

const topologyKeys = { zone: "topology.kubernetes.io/zone", node: "kubernetes.io/hostname" } as const;

/** The fields of a pod that decide where it may run. `selector` finds the pods it is spread from. */
export function podPlacement(placement: Placement, selector: Readonly<Record<string, string>>) {
  const { nodeSelector, tolerations, spread = ["node"], priorityClassName, imagePullSecrets, architecture } = placement;
  return {
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations && { tolerations }),
    ...(architecture && { affinity: { nodeAffinity: onArchitecture(architecture) } }),
    // As even as there is room: a replica that cannot be placed evenly is better than none.
    topologySpreadConstraints: spread.map((over) => ({
      topologyKey: topologyKeys[over],
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: selector },
    })),
    ...(priorityClassName && { priorityClassName }),
    ...(imagePullSecrets && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
  };
}

function onArchitecture(architecture: string) {
  const matchExpressions = [{ key: "kubernetes.io/arch", operator: "In", values: [architecture] }];
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } };
}
