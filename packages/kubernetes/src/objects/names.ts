import { createHash } from "node:crypto";

/** The field manager of every object that we apply. */
export const fieldManager = "slipway";

/** Name of what all revisions of a Model share. With Slipway's name in front it meets no object of the user's that is called as the Model. */
export function modelObjectName(model: string): string {
  return `slipway-${model}`;
}

/** Name of the Secret with the certificate of a Model's replicas. */
export function modelTlsSecret(model: string): string {
  return `${modelObjectName(model)}-tls`;
}

/** Secrets in the platform's namespace: made while it runs, and never applied, so that no upgrade touches them. */
export const systemSecrets = {
  /** The installation's certificate authority; the leading operator makes it. */
  authority: "slipway-ca",
  /** The gateways' certificate; the leading operator keeps it. */
  gatewayTls: "slipway-gateway-tls",
  /** Hashes of the API keys for inference; `slipway key` keeps it. */
  apiKeys: "slipway-api-keys",
} as const;

/** The Lease that decides which operator acts. */
export const operatorLease = "slipway-operator";

/**
 * Name of a revision's Service. It is the revision's own, unless that begins with a digit, which a Service's name may not
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names): then `m` and a hash of it.
 */
export function serviceName(revision: string): string {
  if (/^[a-z]/.test(revision)) return revision;
  return `m${createHash("sha256").update(revision).digest("hex").slice(0, 20)}`;
}
