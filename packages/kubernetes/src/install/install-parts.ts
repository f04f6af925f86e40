import { SlipwayError } from "@slipway/base";
import { dnsLabelProblem, dnsSubdomainProblem } from "@slipway/spec";
import { imageReference } from "../objects/image-reference.ts";
import type { InstallParts, InstallSettings } from "./install-settings.ts";

/** Settings with their defaults. Throws `invalid` when the image is not named by digest, or a name is none. */
export function installParts(settings: InstallSettings): InstallParts {
  const parts = { namespace: "slipway-system", modelNamespaces: ["default"], hosts: [], ...settings };
  imageReference(parts.image);
  for (const name of [parts.namespace, ...parts.modelNamespaces]) refuse("namespace", name, dnsLabelProblem(name));
  for (const host of parts.hosts) refuse("host name", host, dnsSubdomainProblem(host));
  if (parts.parentGateway !== undefined) {
    const { namespace, name } = parts.parentGateway;
    refuse("namespace", namespace, dnsLabelProblem(namespace));
    refuse("name of a Gateway", name, dnsSubdomainProblem(name));
  }
  if (parts.modelNamespaces.includes(parts.namespace)) {
    throw new SlipwayError("invalid", `Models cannot run in ${parts.namespace}: it is the platform's own namespace.`, {
      hint: "Who may make Models there could read the platform's keys; name another with --model-namespace.",
    });
  }
  return { ...parts, modelNamespaces: [...new Set(parts.modelNamespaces)].sort(), hosts: [...new Set(parts.hosts)].sort() };
}

function refuse(what: string, text: string, problem: string | undefined): void {
  if (problem !== undefined) throw new SlipwayError("invalid", `${JSON.stringify(text)} is not a ${what}: ${problem}.`);
}
