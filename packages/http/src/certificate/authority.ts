import { webcrypto } from "node:crypto";
import { type Instant, SlipwayError } from "@slipway/base";
import { pem } from "./pem.ts";
import { x509Library } from "./x509-library.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Clients' clocks may be behind. */
const leewayMs = 300_000;

/** What a leaf says about its owner. */
export interface LeafRequest {
  /** `CN=…`; people read it, nothing checks it. */
  readonly subject: string;
  readonly names: readonly { readonly type: "dns" | "ip" | "url"; readonly value: string }[];
  readonly usages: readonly ("serverAuth" | "clientAuth")[];
  readonly now: Instant;
  readonly lifetimeMs: number;
}

/** A certificate and its key; all texts are PEM. */
export interface Leaf {
  readonly cert: string;
  /** PKCS #8. Secret. */
  readonly key: string;
  /** When half of a certificate's use is over is the caller's to say. */
  readonly begins: Instant;
  readonly expires: Instant;
}

/** An authority that signs certificates (ECDSA P-256). */
export class Authority {
  /** Its own certificate, PEM: what others trust. */
  readonly certificate: string;
  readonly expires: Instant;
  private readonly signingKey: webcrypto.CryptoKey;
  private readonly issuer: string;

  private constructor(certificate: string, issuer: string, expires: Instant, signingKey: webcrypto.CryptoKey) {
    this.certificate = certificate;
    this.issuer = issuer;
    this.expires = expires;
    this.signingKey = signingKey;
  }

  /** A new one. Unless it shall be kept, its key cannot leave this process. `name` is its common name. */
  static async create(options: { name: string; now: Instant; lifetimeMs: number; keep?: boolean }): Promise<Authority> {
    const { name, now, lifetimeMs, keep = false } = options;
    const x509 = await x509Library();
    const keys = await webcrypto.subtle.generateKey(algorithm, keep, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        name: `CN=${name}`,
        notBefore: new Date(now - leewayMs),
        notAfter: new Date(now + lifetimeMs),
        keys,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(true, 0, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        ],
      },
      webcrypto as Crypto,
    );
    return new Authority(pem(certificate.toString("pem")), certificate.subject, certificate.notAfter.getTime(), keys.privateKey);
  }

  /** One that was kept. Throws `invalid` when these are not the PEM of a certificate and its key. */
  static async open({ certificate, key }: { readonly certificate: string; readonly key: string }): Promise<Authority> {
    const x509 = await x509Library();
    try {
      const parsed = new x509.X509Certificate(certificate);
      const [bytes] = x509.PemConverter.decode(key);
      const privateKey = await webcrypto.subtle.importKey("pkcs8", bytes!, algorithm, false, ["sign"]);
      return new Authority(pem(certificate), parsed.subject, parsed.notAfter.getTime(), privateKey);
    } catch (cause) {
      throw new SlipwayError("invalid", "What is kept of the certificate authority is not a certificate and its key.", { cause });
    }
  }

  /** The key of one that was made to be kept, PKCS #8 as PEM. Secret. */
  async exportKey(): Promise<string> {
    const x509 = await x509Library();
    return pem(x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", this.signingKey), "PRIVATE KEY"));
  }

  /** A certificate for new keys. */
  async issue({ subject, names, usages, now, lifetimeMs }: LeafRequest): Promise<Leaf> {
    const x509 = await x509Library();
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject,
        issuer: this.issuer,
        notBefore: new Date(now - leewayMs),
        notAfter: new Date(Math.min(now + lifetimeMs, this.expires)),
        publicKey: keys.publicKey,
        signingKey: this.signingKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension(usages.map((usage) => x509.ExtendedKeyUsage[usage])),
          new x509.SubjectAlternativeNameExtension([...names]),
        ],
      },
      webcrypto as Crypto,
    );
    const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return {
      cert: pem(certificate.toString("pem")),
      key: pem(x509.PemConverter.encode(key, "PRIVATE KEY")),
      begins: certificate.notBefore.getTime(),
      expires: certificate.notAfter.getTime(),
    };
  }
}
