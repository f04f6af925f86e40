import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { componentName, componentSelector, systemMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

/** The way from a Gateway of the Gateway API to Slipway's gateways; nothing when none is named. */
export function gatewayRoute(parts: InstallParts): KubernetesObject[] {
  const { parentGateway, hosts } = parts;
  if (parentGateway === undefined) return [];
  const name = componentName("gateway");
  return [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: systemMeta(parts, name, componentSelector("gateway")),
      spec: {
        parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", ...parentGateway }],
        ...(hosts.length === 0 ? {} : { hostnames: hosts }),
        rules: [
          {
            matches: [{ path: { type: "PathPrefix", value: "/" } }],
            backendRefs: [{ group: "", kind: "Service", name, port: 80, weight: 1 }],
          },
        ],
      },
    },
  ];
}
