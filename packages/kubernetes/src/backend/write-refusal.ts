import { SlipwayError } from "@slipway/base";
import type { PlaceProblem } from "@slipway/control";
import { admissionDenial } from "./admission-denial.ts";
import { refusal } from "./deployment-problem.ts";

/** Why a cluster does not take what is written for a revision; undefined for a failure that is no refusal, and so passes by itself or is a fault of ours. */
export function writeRefusal(caught: unknown, namespace: string): Pick<PlaceProblem, "reason" | "message"> | undefined {
  const error = SlipwayError.from(caught);
  const { code, message } = error;
  // Whatever code it has: who denies chooses one.
  const denial = admissionDenial(message);
  if (denial !== undefined) return denial;
  if (code === "invalid") {
    const first = error.problems.find(({ path }) => path !== "");
    return {
      reason: "Refused",
      message: `the cluster does not take it: ${first === undefined ? message : `${first.path}: ${first.message}`}`,
    };
  }
  if (code !== "forbidden") return undefined;
  if (/User "[^"]*" cannot \w+ resource/.test(message)) {
    return {
      reason: "NamespaceNotOpened",
      message: `Slipway may not run models in the namespace ${namespace}; \`slipway install --model-namespace ${namespace}\` lets it`,
    };
  }
  if (/because it is being terminated/.test(message))
    return { reason: "NamespaceTerminating", message: `the namespace ${namespace} is being deleted` };
  return refusal(message);
}
