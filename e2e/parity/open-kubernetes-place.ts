import type { GatewayRequest, HttpAnswer } from "@slipway/testkit";
import { givenKubeconfig, kubectl } from "../cluster/index.ts";
import { Installation, podsOf, systemNamespace } from "../kubernetes/harness/installation.ts";
import { processOf } from "../kubernetes/harness/pod-process.ts";
import { jsonOrText } from "./json-or-text.ts";
import { KubernetesPlace, type PodToKill } from "./kubernetes-place.ts";

/** The parity scenarios' place in the cluster of the tests, installed if need be; `close` gives all of it back. */
export async function openKubernetesPlace(): Promise<{ readonly place: KubernetesPlace; close(): Promise<void> }> {
  // A namespace of its own: other tests remove all Models of theirs.
  const installation = await Installation.up("parity");
  const place = await KubernetesPlace.open({
    kubeconfig: installation.cluster.kubeconfig,
    modelNamespace: installation.modelNamespace,
    systemNamespace,
    slipway: (args, input) => installation.slipway(args, input),
    digestForm: (manifest, name) => installation.digestForm(manifest, name),
    gateway: (request) => ask(installation, request),
    kill,
  });
  const close = async () => {
    await place.close();
    await installation.close();
  };
  return { place, close };
}

async function ask(installation: Installation, { method, path, body }: GatewayRequest): Promise<HttpAnswer> {
  const { status, text } = await installation.call(path, { method, ...(body === undefined ? {} : { body }) });
  return { status, body: jsonOrText(text) };
}

/** In our own cluster the program itself, as a crash would end it; in a given one, whose processes are elsewhere, the pod by force. */
async function kill({ metadata: { name, namespace, uid } }: PodToKill): Promise<void> {
  if (givenKubeconfig() !== undefined) {
    await kubectl("-n", namespace, "delete", "pod", name, "--force", "--grace-period=0", "--wait=false");
    return;
  }
  const role = namespace === systemNamespace ? "cluster-operator" : "cluster-replica";
  const pods = await podsOf(
    namespace,
    role === "cluster-operator" ? "app.kubernetes.io/component=operator" : "slipway.dev/model",
  );
  const pod = pods.find((each) => each.metadata.uid === uid);
  if (pod === undefined) throw new Error(`the pod ${name} is gone already`);
  process.kill(processOf(pod, role), "SIGKILL");
}
