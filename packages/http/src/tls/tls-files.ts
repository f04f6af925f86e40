import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { TlsIdentity } from "./tls-identity.ts";
import { secureContext, type TlsCredentials, type TlsSource } from "./tls-source.ts";

/** How often the files are looked at. Kubelet needs about a minute to replace them, and they are replaced ten days before they end. */
const lookMs = 5_000;

/** Where credentials are. Without `ca` they are a server's that asks nobody for a certificate. */
interface CredentialPaths {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** Credentials in files, followed when they change, as kubelet changes a mounted Secret. */
export class TlsFiles implements TlsSource {
  private readonly paths: CredentialPaths;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly identity: TlsIdentity;
  private refused: string | undefined;
  private cancelLook: () => void = () => {};
  private closed = false;

  private constructor(
    paths: CredentialPaths,
    { clock, log }: { readonly clock: Clock; readonly log: Log },
    first: TlsCredentials,
  ) {
    this.paths = paths;
    this.clock = clock;
    this.log = log;
    this.identity = new TlsIdentity(first);
    this.lookLater();
  }

  /** Reads the files `tls.crt`, `tls.key` and `ca.crt` of a directory. Throws `unavailable` when one is missing or they do not fit each other. */
  static async open(directory: string, options: { readonly clock: Clock; readonly log: Log }): Promise<TlsFiles> {
    const [cert, key, ca] = ["tls.crt", "tls.key", "ca.crt"].map((name) => join(directory, name)) as [string, string, string];
    const paths = { cert, key, ca };
    try {
      const first = await read(paths);
      secureContext(first);
      return new TlsFiles(paths, options, first);
    } catch (cause) {
      throw new SlipwayError("unavailable", `The certificate in ${directory} cannot be used.`, {
        hint: "The files tls.crt, tls.key and ca.crt must be there, in PEM, and fit each other.",
        cause,
      });
    }
  }

  /** Reads a server's certificate and its key. Throws `invalid` when they are missing or do not fit each other. */
  static async pair(
    paths: { readonly cert: string; readonly key: string },
    options: { readonly clock: Clock; readonly log: Log },
  ) {
    try {
      const first = await read(paths);
      secureContext(first);
      return new TlsFiles(paths, options, first);
    } catch (cause) {
      throw new SlipwayError("invalid", `The certificate ${paths.cert} and the key ${paths.key} cannot be used.`, {
        hint: "Both must be there, in PEM, and fit each other.",
        cause,
      });
    }
  }

  get current(): TlsCredentials {
    return this.identity.current;
  }

  onChange(listener: () => void): () => void {
    return this.identity.onChange(listener);
  }

  /** Looks no more. */
  close(): void {
    this.closed = true;
    this.cancelLook();
  }

  private lookLater(): void {
    if (this.closed) return;
    this.cancelLook = this.clock.after(lookMs, () => void this.look().finally(() => this.lookLater()));
  }

  /** Files that are being replaced may not fit each other for a moment: then the ones before stay, and the next look sees. */
  private async look(): Promise<void> {
    let next: TlsCredentials;
    try {
      next = await read(this.paths);
      if (same(next, this.current) || this.closed) return;
      secureContext(next);
    } catch (error) {
      const reason = String(error);
      if (reason !== this.refused) this.log.warn("certificate files cannot be used; the ones before stay", { error });
      this.refused = reason;
      return;
    }
    this.refused = undefined;
    this.identity.replace(next);
    this.log.info("certificate replaced", { certificate: this.paths.cert });
  }
}

async function read({ cert, key, ca }: CredentialPaths): Promise<TlsCredentials> {
  const text = (path: string) => readFile(path, "utf8");
  const [certText, keyText, caText] = await Promise.all([text(cert), text(key), ca === undefined ? "" : text(ca)]);
  return { cert: certText, key: keyText, ca: caText };
}

function same(one: TlsCredentials, other: TlsCredentials): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}
