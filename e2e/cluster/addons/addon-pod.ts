import { nodes } from "../layout.ts";

/** What differs between the pods of the cluster's own add-ons. */
export interface AddonPod {
  /** Also the name of the service account and of the container. */
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly user: number;
  readonly capabilities?: readonly string[];
  readonly dnsPolicy?: "Default" | "ClusterFirst";
  readonly ready: { readonly path: string; readonly port: number; readonly scheme: "HTTP" | "HTTPS" };
  /** Folder in the container → the volume mounted there. */
  readonly files: Readonly<Record<string, object>>;
}

/** The pod template's spec of an add-on: on the first node, locked down, ready as soon as it can be. */
export function addonPod(addon: AddonPod): object {
  const folders = Object.keys(addon.files);
  return {
    serviceAccountName: addon.name,
    priorityClassName: "system-cluster-critical",
    nodeSelector: { "kubernetes.io/hostname": nodes[0]!.name },
    dnsPolicy: addon.dnsPolicy ?? "ClusterFirst",
    containers: [
      {
        name: addon.name,
        image: addon.image,
        args: addon.args,
        resources: { requests: { cpu: "20m", memory: "32Mi" } },
        readinessProbe: { httpGet: addon.ready, periodSeconds: 1 },
        securityContext: {
          runAsUser: addon.user,
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"], add: addon.capabilities ?? [] },
        },
        volumeMounts: folders.map((mountPath, index) => ({ name: `files-${index}`, mountPath })),
      },
    ],
    volumes: folders.map((folder, index) => ({ name: `files-${index}`, ...addon.files[folder] })),
  };
}
