import type { ReplicaError } from "@slipway/control";
import { imageObstacle, wrongArchitecture } from "./image-obstacle.ts";
import type { ContainerStatus, Pod } from "./pod.ts";
import { schedulingObstacle } from "./scheduling-obstacle.ts";

/** What keeps a pod from starting and does not pass by itself, with its cause and what to do in one sentence; undefined when nothing is known to. */
export function podObstacle(pod: Pod, container: ContainerStatus | undefined): ReplicaError | undefined {
  const scheduled = pod.status.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False" && scheduled.reason === "Unschedulable") return schedulingObstacle(scheduled.message ?? "");
  const image = pod.spec.containers[0]?.image ?? "the image";
  if (wrongArchitecture.test(container?.state?.terminated?.message ?? container?.lastState?.terminated?.message ?? ""))
    return imageObstacle("exec format error", image, pod.spec.nodeName);
  const { reason = "", message = "" } = container?.state?.waiting ?? {};
  if (["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"].includes(reason))
    return imageObstacle(message, image, pod.spec.nodeName);
  if (reason === "CreateContainerConfigError") return configObstacle(message);
  if (reason === "CreateContainerError" || reason === "RunContainerError")
    return { code: "internal", reason, message: `its container cannot be made: ${firstSentence(message)}` };
  return undefined;
}

function configObstacle(message: string): ReplicaError {
  const reason = "CreateContainerConfigError";
  const secret = /secret "([^"]+)" not found/.exec(message)?.[1];
  if (secret !== undefined) {
    return {
      code: "notFound",
      reason: "SecretNotFound",
      message: `the Secret ${secret}, which spec.secrets names, is not there; create it in the Model's namespace`,
    };
  }
  const [, key, place] = /couldn't find key (\S+) in Secret (\S+)/.exec(message) ?? [];
  if (key !== undefined) {
    return {
      code: "notFound",
      reason: "SecretNotFound",
      message: `the Secret ${place} has no key ${key}, which spec.secrets names; add it`,
    };
  }
  return { code: "invalid", reason, message: `its container cannot be made: ${firstSentence(message)}` };
}

function firstSentence(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/[.\s]+$/, "") || "the cluster does not say why";
}
