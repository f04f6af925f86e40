import { webcrypto } from "node:crypto";
import type { Instant } from "@slipway/base";

type X509Library = typeof import("@peculiar/x509");

/** Loaded when needed: every process that serves HTTP imports this package, and only one issues certificates. */
async function library(): Promise<X509Library> {
  // The library's dependency injection looks for this polyfill when it is loaded.
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** A server certificate for loopback and the authority that clients trust for it; all texts are PEM. */
export interface LoopbackCertificate {
  /** Goes into the kubeconfig. Its private key exists only while it signs. */
  readonly ca: string;
  readonly cert: string;
  /** PKCS #8. Secret. */
  readonly key: string;
  readonly expires: Instant;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 86_400_000;
const lifetime = 365 * day;
const renewBefore = 30 * day;
/** Clients' clocks may be behind. */
const leeway = 300_000;

/**
 * A certificate for `localhost`, `127.0.0.1` and `::1`, valid for a year: `current` itself while it has 30 days left, otherwise a new
 * one under a new authority.
 */
export async function issueLoopbackCertificate(options: {
  readonly now: Instant;
  readonly current?: { readonly ca: string; readonly cert: string; readonly key: string };
}): Promise<LoopbackCertificate> {
  const { now, current } = options;
  const x509 = await library();
  const kept = current === undefined ? undefined : stillGood(x509, current, now);
  if (kept !== undefined) return kept;
  const notBefore = new Date(now - leeway);
  const notAfter = new Date(now + lifetime);
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const authorityName = "CN=Slipway loopback authority";
  const authority = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: authorityName,
      notBefore,
      notAfter,
      keys: authorityKeys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto as Crypto,
  );
  const server = await x509.X509CertificateGenerator.create(
    {
      subject: "CN=localhost",
      issuer: authorityName,
      notBefore,
      notAfter,
      publicKey: serverKeys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: "dns", value: "localhost" },
          { type: "ip", value: "127.0.0.1" },
          { type: "ip", value: "::1" },
        ]),
      ],
    },
    webcrypto as Crypto,
  );
  const key = await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
  return {
    ca: pem(authority.toString("pem")),
    cert: pem(server.toString("pem")),
    key: pem(x509.PemConverter.encode(key, "PRIVATE KEY")),
    expires: server.notAfter.getTime(),
  };
}

function stillGood(
  x509: X509Library,
  current: { ca: string; cert: string; key: string },
  now: Instant,
): LoopbackCertificate | undefined {
  try {
    const certificate = new x509.X509Certificate(current.cert);
    const expires = certificate.notAfter.getTime();
    return expires - now >= renewBefore && certificate.notBefore.getTime() <= now ? { ...current, expires } : undefined;
  } catch {
    // Unreadable: a new one replaces it.
    return undefined;
  }
}

function pem(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
