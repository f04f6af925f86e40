import { randomUUID, webcrypto } from "node:crypto";
import { systemClock } from "@slipway/base";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const hour = 3_600_000;
const crypto = webcrypto as Crypto;
type KeyPair = webcrypto.CryptoKeyPair;

/** Loaded when needed: most tests that use this package need no certificate. */
async function library() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** A certificate for a test. */
export interface TestCertificate {
  /** The DNS name in it. */
  readonly name: string;
  /** What it may be used for. Default both. */
  readonly usage?: readonly ("client" | "server")[];
  /** Milliseconds from now, or before it when negative. Default: an hour ago to in an hour. */
  readonly from?: number;
  readonly until?: number;
}

/** An authority that lives as long as a test, and certificates as an installation's authority issues them. */
export class TestAuthority {
  /** PEM. */
  readonly ca: string;
  private readonly name: string;
  private readonly keys: KeyPair;

  private constructor(ca: string, name: string, keys: KeyPair) {
    this.ca = ca;
    this.name = name;
    this.keys = keys;
  }

  static async create(): Promise<TestAuthority> {
    const x509 = await library();
    const keys = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
    // A verifier looks for an issuer by its name: two authorities of one name would be taken for each other.
    const name = `CN=test ${randomUUID()}`;
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        name,
        notBefore: new Date(systemClock.now() - 24 * hour),
        notAfter: new Date(systemClock.now() + 24 * hour),
        keys,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(true, 0, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        ],
      },
      crypto,
    );
    return new TestAuthority(certificate.toString("pem"), name, keys);
  }

  /** A certificate with its key, and this authority's own; PEM. */
  async issue({ name, usage = ["client", "server"], from = -hour, until = hour }: TestCertificate) {
    const x509 = await library();
    const usages = { client: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth };
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject: "CN=test leaf",
        issuer: this.name,
        notBefore: new Date(systemClock.now() + from),
        notAfter: new Date(systemClock.now() + until),
        publicKey: keys.publicKey,
        signingKey: this.keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension(usage.map((one) => usages[one])),
          new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
        ],
      },
      crypto,
    );
    const key = x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    return { cert: certificate.toString("pem"), key, ca: this.ca };
  }
}
