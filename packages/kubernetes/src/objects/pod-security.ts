/** The user and group of every pod of ours; a number, because `runAsNonRoot` cannot judge a name. */
export const podUser = 65_532;

/** What the restricted Pod Security Standard asks of a pod, https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
export const restrictedPod = {
  runAsNonRoot: true,
  runAsUser: podUser,
  runAsGroup: podUser,
  fsGroup: podUser,
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/** What it asks of each container, and a root file system that cannot be written. */
export const restrictedContainer = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
} as const;
