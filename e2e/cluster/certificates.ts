import { generateKeyPairSync, webcrypto } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { stateFolder } from "./layout.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 86_400_000;
const validity = () => ({ notBefore: new Date(Date.now() - 300_000), notAfter: new Date(Date.now() + 30 * day) });

/** The cluster's keys and certificates on the host. */
export const pkiFolder = join(stateFolder, "pki");

/** A certificate and its private key, in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Whom a certificate names. */
export interface Subject {
  readonly name: string;
  readonly group?: string;
  /** Host names and addresses of a server. */
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
}

/** Signs certificates; the test cluster has one authority for everything and one for the API server as a front proxy. */
export class Authority {
  readonly identity: Identity;
  readonly #name: string;
  readonly #signingKey: webcrypto.CryptoKey;

  private constructor(name: string, signingKey: webcrypto.CryptoKey, identity: Identity) {
    this.#name = `CN=${name}`;
    this.#signingKey = signingKey;
    this.identity = identity;
  }

  static async create(name: string): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      ...validity(),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
      ],
    });
    return new Authority(name, keys.privateKey, {
      certificate: certificate.toString("pem"),
      key: await exported(keys.privateKey),
    });
  }

  /** A certificate good for a client, and for a server of the subject's names. */
  async issue(subject: Subject): Promise<Identity> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const names = [
      ...(subject.dns ?? []).map((value) => ({ type: "dns" as const, value })),
      ...(subject.ips ?? []).map((value) => ({ type: "ip" as const, value })),
    ];
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${subject.name}${subject.group === undefined ? "" : `, O=${subject.group}`}`,
      issuer: this.#name,
      ...validity(),
      publicKey: keys.publicKey,
      signingKey: this.#signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth]),
        ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
      ],
    });
    return { certificate: certificate.toString("pem"), key: await exported(keys.privateKey) };
  }
}

/** Writes `NAME.crt` and `NAME.key` for the cluster's programs. */
export function writeIdentity(name: string, identity: Identity): void {
  writePem(`${name}.crt`, identity.certificate);
  writePem(`${name}.key`, identity.key);
}

/** Writes the key pair that signs service account tokens. */
export function writeServiceAccountKeys(): void {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writePem("service-accounts.key", privateKey.export({ type: "pkcs8", format: "pem" }) as string);
  writePem("service-accounts.pub", publicKey.export({ type: "spki", format: "pem" }) as string);
}

function writePem(name: string, text: string): void {
  mkdirSync(pkiFolder, { recursive: true });
  writeFileSync(join(pkiFolder, name), text.endsWith("\n") ? text : `${text}\n`);
  chmodSync(join(pkiFolder, name), 0o600);
}

async function exported(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
