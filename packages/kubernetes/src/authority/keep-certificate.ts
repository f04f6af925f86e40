import { type Clock, type Instant, SlipwayError } from "@slipway/base";
import type { WrittenMeta } from "../objects/kubernetes-object.ts";
import { ownLabels } from "../objects/labels.ts";
import { applyObject } from "../rest/apply-object.ts";
import { objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";
import type { CertificateOwner } from "./certificate-names.ts";
import type { InstallationAuthority } from "./installation-authority.ts";

const kind = { apiVersion: "v1", kind: "Secret" } as const;

/** A certificate that is kept in a Secret. */
export interface KeptCertificate {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly authority: InstallationAuthority;
  readonly owner: CertificateOwner;
  /** Of the Secret. */
  readonly metadata: WrittenMeta;
}

/** Sees to it that a Secret has a good certificate (`tls.crt`, `tls.key`, `ca.crt`); writes only if it has not. Gives when to see to it again. */
export async function keepCertificate(
  { rest, clock, authority, owner, metadata }: KeptCertificate,
  signal: AbortSignal,
): Promise<Instant> {
  const due = authority.renewalOf(await certificateIn(rest, metadata, signal), owner);
  if (due > clock.now()) return due;
  const { cert, key, ca, renewAt } = await authority.issue(owner);
  const encode = (text: string) => Buffer.from(text).toString("base64");
  await applyObject(
    rest,
    {
      ...kind,
      metadata: { ...metadata, labels: { ...ownLabels, ...metadata.labels } },
      type: "kubernetes.io/tls",
      data: { "tls.crt": encode(cert), "tls.key": encode(key), "ca.crt": encode(ca) },
    },
    signal,
  );
  return renewAt;
}

async function certificateIn(rest: RestClient, metadata: WrittenMeta, signal: AbortSignal): Promise<string> {
  try {
    const secret = (await rest.request("GET", objectPath(kind, metadata), { signal })) as {
      readonly data?: Readonly<Record<string, string>>;
    };
    return Buffer.from(secret.data?.["tls.crt"] ?? "", "base64").toString("utf8");
  } catch (caught) {
    if (SlipwayError.from(caught).code === "notFound") return "";
    throw caught;
  }
}
