import { SlipwayError } from "@slipway/base";
import { labels } from "../objects/labels.ts";
import type { ClusterObjects, LiveObject, ObjectReference } from "./cluster-objects.ts";
import { missingSecret } from "./missing-secret.ts";
import { type ObservedPod, podTrouble } from "./pod-trouble.ts";

interface Deployment extends LiveObject {
  readonly spec: { readonly replicas: number; readonly selector: { readonly matchLabels: Readonly<Record<string, string>> } };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** How often the pods are looked at for what is wrong with them, milliseconds. */
const lookMs = 2_000;

/** Waits until a Deployment runs what it says and nothing older, and tells each step and each trouble once. Ends by the signal of `objects`, then throwing `timeout` with the last trouble. */
export async function deploymentAvailable(
  objects: ClusterObjects,
  reference: ObjectReference,
  say: (text: string) => void,
): Promise<void> {
  const told = new Set<string>();
  const tell = (text: string) => {
    if (!told.has(text)) say(`${reference.metadata.name}: ${text}`);
    told.add(text);
  };
  let count = "nothing is known of it yet";
  let trouble: string | undefined;
  const done = new AbortController();
  const looking = lookAtPods(objects, reference, done.signal, (text) => {
    trouble = text;
    tell(text);
  });
  try {
    for await (const deployment of objects.follow<Deployment>(reference)) {
      if (deployment === undefined) throw new SlipwayError("notFound", `${reference.metadata.name} was deleted meanwhile.`);
      const { metadata, spec, status } = deployment;
      const failure = status?.conditions?.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
      trouble = failure?.message ?? trouble;
      if (failure?.message !== undefined) tell(failure.message);
      if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) continue;
      const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status ?? {};
      count = `${Math.min(updatedReplicas, availableReplicas)} of ${spec.replicas} available`;
      tell(count);
      if (updatedReplicas >= spec.replicas && availableReplicas >= spec.replicas && replicas === updatedReplicas) return;
    }
    throw new SlipwayError("timeout", `${reference.metadata.name} is not available: ${trouble ?? count}.`, {
      hint: `See \`kubectl -n ${reference.metadata.namespace} describe pods\`; \`slipway install\` again goes on where it was.`,
    });
  } finally {
    done.abort();
    await looking;
  }
}

async function lookAtPods(
  objects: ClusterObjects,
  reference: ObjectReference,
  done: AbortSignal,
  tell: (text: string) => void,
): Promise<void> {
  const { namespace, name } = reference.metadata;
  const signal = AbortSignal.any([objects.signal, done]);
  const labelSelector = `${labels.partOf}=slipway,${labels.component}=${name.replace(/^slipway-/, "")}`;
  while (!signal.aborted) {
    await objects.clock.sleep(lookMs, signal).catch(() => {});
    if (signal.aborted) return;
    const pods = await objects
      .list<ObservedPod>({ apiVersion: "v1", kind: "Pod" }, { ...(namespace === undefined ? {} : { namespace }), labelSelector })
      .catch(() => []);
    for (const pod of pods) {
      const trouble = podTrouble(pod);
      if (trouble !== undefined) tell(`pod ${pod.metadata.name}: ${trouble}`);
      const secret = await missingSecret(objects, pod).catch(() => undefined);
      if (secret !== undefined) tell(`its pods wait for the Secret ${secret}, which the operator makes once it leads`);
    }
  }
}
