import { type Clock, SlipwayError } from "@slipway/base";
import { labels } from "../objects/labels.ts";
import { listObjects } from "../rest/list-objects.ts";
import { objectPath } from "../rest/object-path.ts";
import { type ApiServer, RestClient } from "../rest/rest-client.ts";
import { watchObjects } from "../rest/watch-objects.ts";

/** Which log lines of a Model's pods are wanted. */
export interface PodLogQuery {
  readonly namespace: string;
  readonly model: string;
  /** Only this pod. */
  readonly replica?: string;
  /** The last so many lines of each pod; absent = all that kubelet keeps. */
  readonly tail?: number;
  /** Goes on with what is written from now on, by pods that start later, too, until the signal aborts. */
  readonly follow: boolean;
}

/** Where lines go, and what is said beside them. */
export interface PodLogSink {
  readonly print: (replica: string, line: string) => void;
  readonly say: (text: string) => void;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly restartCount: number;
      readonly state?: {
        readonly waiting?: { readonly reason?: string };
        readonly running?: object;
        readonly terminated?: object;
      };
    }[];
  };
}

const podKind = { apiVersion: "v1", kind: "Pod" } as const;

/** Gives each line that the pods of a Model wrote, in the order in which each wrote them. Throws `notFound` when there is no pod and nothing is to be awaited. */
export async function readPodLogs(
  { server, clock }: { readonly server: ApiServer; readonly clock: Clock },
  query: PodLogQuery,
  sink: PodLogSink,
  signal: AbortSignal,
): Promise<void> {
  const rest = new RestClient(server);
  const path = objectPath(podKind, { namespace: query.namespace });
  const selection = {
    labelSelector: `${labels.model}=${query.model},${labels.component}=model`,
    ...(query.replica === undefined ? {} : { fieldSelector: `metadata.name=${query.replica}` }),
  };
  const { items, version } = await listObjects(rest, path, selection, signal);
  const pods = (items as Pod[]).sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  if (pods.length === 0) {
    const what = query.replica === undefined ? `model ${query.model}` : `replica ${query.replica} of model ${query.model}`;
    if (!query.follow) {
      throw new SlipwayError("notFound", `There is no pod of ${what} in namespace ${query.namespace}.`, {
        hint: `The logs of pods that are gone are gone with them; see \`slipway describe model ${query.model}\`.`,
      });
    }
    sink.say(`There is no pod of ${what} in namespace ${query.namespace} yet; waiting for one.`);
  }
  const read = async (pod: Pod, options: { tail?: number; follow: boolean }) => {
    const { name } = pod.metadata;
    const call = {
      query: {
        container: "model",
        ...(options.tail === undefined ? {} : { tailLines: String(options.tail) }),
        ...(options.follow ? { follow: "true" } : {}),
      },
      signal,
    };
    for await (const line of rest.lines(`${objectPath(podKind, { namespace: query.namespace, name })}/log`, call))
      sink.print(name, line);
  };
  const tail = query.tail === undefined ? {} : { tail: query.tail };
  if (!query.follow) {
    for (const pod of pods) {
      if (started(pod)) await read(pod, { ...tail, follow: false });
      else sink.say(`${pod.metadata.name} has not started: ${waitingReason(pod)}.`);
    }
    return;
  }
  const followed = new Map<string, Promise<void>>();
  const follow = (pod: Pod, options: { tail?: number }) => {
    const id = `${pod.metadata.uid} ${container(pod)?.restartCount}`;
    if (!started(pod) || followed.has(id)) return;
    // A pod that is going away takes its log with it; others go on.
    followed.set(
      id,
      read(pod, { ...options, follow: true }).catch((caught: unknown) => {
        if (!signal.aborted) sink.say(`${pod.metadata.name}: ${SlipwayError.from(caught).message}`);
      }),
    );
  };
  for (const pod of pods) follow(pod, tail);
  // What starts later is read from its beginning.
  for await (const change of watchObjects({ rest, clock }, { path, from: version, selection }, signal))
    if (change.type === "added" || change.type === "modified") follow(change.object as Pod, {});
  await Promise.all(followed.values());
}

function container(pod: Pod) {
  return pod.status?.containerStatuses?.find(({ name }) => name === "model");
}

/** Whether the container runs, or ran before: then there is a log. */
function started(pod: Pod): boolean {
  const found = container(pod);
  return found !== undefined && (found.state?.waiting === undefined || found.restartCount > 0);
}

function waitingReason(pod: Pod): string {
  return container(pod)?.state?.waiting?.reason ?? "it has no node yet";
}
