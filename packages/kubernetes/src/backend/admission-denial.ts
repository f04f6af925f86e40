import type { PlaceProblem } from "@slipway/control";

/** What a policy of the cluster's, or a webhook that it asks, says against an object; undefined when it was neither that refused. */
export function admissionDenial(message: string): Pick<PlaceProblem, "reason" | "message"> | undefined {
  const policy = /policy '([^']+)' with binding '[^']+' denied request: (.+)$/is.exec(message);
  if (policy !== null) return denial(`policy ${policy[1]}`, policy[2]!);
  const webhook = /admission webhook "([^"]+)" denied the request(?::\s*(.+))?$/s.exec(message);
  if (webhook !== null) return denial(`admission webhook ${webhook[1]}`, webhook[2] ?? "it does not say why");
  return undefined;
}

function denial(who: string, why: string): Pick<PlaceProblem, "reason" | "message"> {
  // Policy engines write reports of many lines.
  return {
    reason: "AdmissionDenied",
    message: `the ${who} of this cluster refuses what the model needs: ${why.replaceAll(/\s+/g, " ")}`,
  };
}
