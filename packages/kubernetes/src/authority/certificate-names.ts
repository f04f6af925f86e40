import type { LeafRequest } from "@slipway/http";
import { gatewayServerName, operatorServerName, replicaServerName } from "@slipway/protocol";

/** Who a certificate is for. */
export type CertificateOwner = Pick<LeafRequest, "subject" | "names" | "usages">;

const trustDomain = "spiffe://slipway.dev";

function owner(name: string, path: string, usages: LeafRequest["usages"]): CertificateOwner {
  return {
    // A common name has at most 64 bytes, and nothing reads it: the names are what counts.
    subject: "CN=slipway",
    names: [
      { type: "dns", value: name },
      { type: "url", value: `${trustDomain}${path}` },
    ],
    usages,
  };
}

/** The certificate of every gateway: a client of replicas and of the route feed. */
export const gatewayCertificate: CertificateOwner = owner(gatewayServerName, "/gateway", ["clientAuth", "serverAuth"]);

/** The certificate of the operator that leads: the server of the route feed. */
export const operatorCertificate: CertificateOwner = owner(operatorServerName, "/operator", ["serverAuth"]);

/** The certificate of a Model's replicas; with it nobody can be a client. */
export function modelCertificate(namespace: string, model: string): CertificateOwner {
  return owner(replicaServerName(namespace, model), `/ns/${namespace}/model/${model}`, ["serverAuth"]);
}
