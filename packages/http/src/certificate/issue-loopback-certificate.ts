import { X509Certificate } from "node:crypto";
import type { Instant } from "@slipway/base";
import { Authority } from "./authority.ts";

/** A server certificate for loopback and the authority that clients trust for it; all texts are PEM. */
export interface LoopbackCertificate {
  /** Goes into the kubeconfig. Its private key exists only while it signs. */
  readonly ca: string;
  readonly cert: string;
  /** PKCS #8. Secret. */
  readonly key: string;
  readonly expires: Instant;
}

const day = 86_400_000;
const lifetimeMs = 365 * day;
const renewBefore = 30 * day;

/**
 * A certificate for `localhost`, `127.0.0.1` and `::1`, valid for a year: `current` itself while it has 30 days left, otherwise a new
 * one under a new authority.
 */
export async function issueLoopbackCertificate(options: {
  readonly now: Instant;
  readonly current?: { readonly ca: string; readonly cert: string; readonly key: string };
}): Promise<LoopbackCertificate> {
  const { now, current } = options;
  const kept = current === undefined ? undefined : stillGood(current, now);
  if (kept !== undefined) return kept;
  const authority = await Authority.create({ name: "Slipway loopback authority", now, lifetimeMs });
  const { cert, key, expires } = await authority.issue({
    subject: "CN=localhost",
    names: [
      { type: "dns", value: "localhost" },
      { type: "ip", value: "127.0.0.1" },
      { type: "ip", value: "::1" },
    ],
    usages: ["serverAuth"],
    now,
    lifetimeMs,
  });
  return { ca: authority.certificate, cert, key, expires };
}

function stillGood(current: { ca: string; cert: string; key: string }, now: Instant): LoopbackCertificate | undefined {
  try {
    const certificate = new X509Certificate(current.cert);
    const expires = Date.parse(certificate.validTo);
    return expires - now >= renewBefore && Date.parse(certificate.validFrom) <= now ? { ...current, expires } : undefined;
  } catch {
    // Unreadable: a new one replaces it.
    return undefined;
  }
}
