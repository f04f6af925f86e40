import { X509Certificate } from "node:crypto";
import { type Clock, type Instant, SlipwayError } from "@slipway/base";
import { Authority, type Leaf } from "@slipway/http";
import { systemSecrets } from "../objects/names.ts";
import { objectPath } from "../rest/object-path.ts";
import { type RestClient, strict } from "../rest/rest-client.ts";
import type { CertificateOwner } from "./certificate-names.ts";

const day = 86_400_000;

/** The authority is kept: pods trust it for as long as they run, and a new one would have to reach all of them first. */
const authorityLifetimeMs = 3_650 * day;

/** A stolen leaf is of no use after this; it is replaced after two thirds of it. */
const leafLifetimeMs = 30 * day;

const kind = { apiVersion: "v1", kind: "Secret" } as const;

/** A certificate of the installation, and when it is to be replaced. */
export interface IssuedCertificate extends Leaf {
  /** PEM of the authority. */
  readonly ca: string;
  readonly renewAt: Instant;
}

/** The installation's own certificate authority: only its pods trust it, and only for each other. Its key is in one Secret of the platform's namespace. */
export class InstallationAuthority {
  private readonly authority: Authority;
  private readonly clock: Clock;

  private constructor(authority: Authority, clock: Clock) {
    this.authority = authority;
    this.clock = clock;
  }

  /** Reads the authority, or makes it if there is none; of several that make it at once the first counts. */
  static async open(
    { rest, clock, namespace }: { readonly rest: RestClient; readonly clock: Clock; readonly namespace: string },
    signal: AbortSignal,
  ): Promise<InstallationAuthority> {
    const found = (await read(rest, namespace, signal)) ?? (await make({ rest, clock, namespace }, signal));
    return new InstallationAuthority(found, clock);
  }

  /** PEM; what pods trust. */
  get certificate(): string {
    return this.authority.certificate;
  }

  async issue(owner: CertificateOwner): Promise<IssuedCertificate> {
    const leaf = await this.authority.issue({ ...owner, now: this.clock.now(), lifetimeMs: leafLifetimeMs });
    return { ...leaf, ca: this.certificate, renewAt: renewAt(leaf) };
  }

  /** When a certificate is to be replaced; now, if it is not one of this authority's for this owner, or its time has come. */
  renewalOf(certificate: string, owner: CertificateOwner): Instant {
    try {
      const parsed = new X509Certificate(certificate);
      // By the signature: another authority may be called the same.
      const own = parsed.verify(new X509Certificate(this.certificate).publicKey) && sameNames(parsed, owner);
      return own ? renewAt({ begins: Date.parse(parsed.validFrom), expires: Date.parse(parsed.validTo) }) : this.clock.now();
    } catch {
      return this.clock.now();
    }
  }
}

function renewAt({ begins, expires }: Pick<Leaf, "begins" | "expires">): Instant {
  return begins + ((expires - begins) * 2) / 3;
}

function sameNames(certificate: X509Certificate, { names }: CertificateOwner): boolean {
  const words = { dns: "DNS", ip: "IP Address", url: "URI" };
  return certificate.subjectAltName === names.map(({ type, value }) => `${words[type]}:${value}`).join(", ");
}

async function read(rest: RestClient, namespace: string, signal: AbortSignal): Promise<Authority | undefined> {
  let secret: { readonly data?: Readonly<Record<string, string>> };
  try {
    secret = (await rest.request("GET", objectPath(kind, { namespace, name: systemSecrets.authority }), {
      signal,
    })) as typeof secret;
  } catch (caught) {
    if (SlipwayError.from(caught).code === "notFound") return undefined;
    throw caught;
  }
  const text = (key: string) => Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
  try {
    return await Authority.open({ certificate: text("tls.crt"), key: text("tls.key") });
  } catch (cause) {
    throw new SlipwayError(
      "invalid",
      `The Secret ${namespace}/${systemSecrets.authority} does not have the installation's authority.`,
      {
        hint: "Restore it, or delete it: a new one is made then, and every model has to be restarted to trust it.",
        cause,
      },
    );
  }
}

async function make(
  { rest, clock, namespace }: { rest: RestClient; clock: Clock; namespace: string },
  signal: AbortSignal,
): Promise<Authority> {
  const authority = await Authority.create({
    name: "Slipway installation",
    now: clock.now(),
    lifetimeMs: authorityLifetimeMs,
    keep: true,
  });
  const encode = (text: string) => Buffer.from(text).toString("base64");
  const body = {
    ...kind,
    metadata: { name: systemSecrets.authority, namespace, labels: { "app.kubernetes.io/part-of": "slipway" } },
    type: "kubernetes.io/tls",
    data: { "tls.crt": encode(authority.certificate), "tls.key": encode(await authority.exportKey()) },
  };
  try {
    await rest.request("POST", objectPath(kind, { namespace }), { query: { ...strict, fieldManager: "slipway" }, body, signal });
    return authority;
  } catch (caught) {
    if (SlipwayError.from(caught).code !== "alreadyExists") throw caught;
    const first = await read(rest, namespace, signal);
    if (first === undefined) throw caught;
    return first;
  }
}
