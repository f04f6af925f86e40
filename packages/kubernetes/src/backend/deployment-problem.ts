import type { PlaceProblem } from "@slipway/control";
import { admissionDenial } from "./admission-denial.ts";
import type { DeploymentObject } from "./deployment-object.ts";

/** Why a Deployment can make no more pods, from what its cluster says when it tries; undefined when it can. */
export function deploymentProblem(deployment: DeploymentObject): PlaceProblem | undefined {
  const failure = deployment.status.conditions?.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  if (failure === undefined) return undefined;
  return { revision: deployment.metadata.name, ...refusal(failure.message ?? "") };
}

/** What a cluster's refusal of an object means, and what to do: a quota, pod security, or another rule of the namespace. */
export function refusal(message: string): Pick<PlaceProblem, "reason" | "message"> {
  const quota = /exceeded quota: ([^,]+), requested: (.+?), used: (.+?), limited: (.+)$/s.exec(message);
  if (quota !== null) {
    const [, name, requested, used, limited] = quota;
    return {
      reason: "QuotaExceeded",
      message: `the quota ${name} of the namespace is used up (asks for ${requested}, used ${used} of ${limited}); raise it, or ask for less`,
    };
  }
  const needs = /failed quota: ([^:]+): must specify (.+)$/s.exec(message);
  if (needs !== null) {
    return {
      reason: "QuotaExceeded",
      message: `the quota ${needs[1]} of the namespace wants every pod to say what it needs: set ${needs[2]} in spec.resources`,
    };
  }
  const security = /violates PodSecurity "([^"]+)": (.+)$/s.exec(message);
  if (security !== null)
    return {
      reason: "PodSecurity",
      message: `the namespace enforces the Pod Security Standard ${security[1]}, which refuses: ${security[2]}`,
    };
  const limits = /(?:maximum|minimum) (?:cpu|memory) usage per .+$/s.exec(message);
  if (limits !== null)
    return { reason: "LimitRange", message: `a LimitRange of the namespace refuses: ${limits[0]}; change spec.resources` };
  if (/no PriorityClass with name (\S+)/.test(message)) {
    const [, name] = /no PriorityClass with name (\S+)/.exec(message)!;
    return {
      reason: "PriorityClassNotFound",
      message: `there is no PriorityClass ${name}, which spec.placement names; create it`,
    };
  }
  const denial = admissionDenial(message);
  if (denial !== undefined) return denial;
  return { reason: "FailedCreate", message: `the cluster refuses its pods: ${message.replace(/^.*? is forbidden: /s, "")}` };
}
