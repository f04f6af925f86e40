import { z } from "zod";
import { dnsSubdomainProblem } from "./dns-name.ts";

/** A schema for the name of an object of the cluster that we only refer to: a DNS subdomain. */
export function kubernetesName() {
  return z
    .string()
    .superRefine((text, context) => {
      const message = dnsSubdomainProblem(text);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .meta({ pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", maxLength: 253 });
}
