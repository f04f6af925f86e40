import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { TlsIdentity } from "./tls-identity.ts";
import { secureContext, type TlsCredentials, type TlsSource } from "./tls-source.ts";

/** How often the files are looked at. Kubelet needs about a minute to replace them, and they are replaced ten days before they end. */
const lookMs = 5_000;

/** Credentials in the files `tls.crt`, `tls.key` and `ca.crt` of a directory, followed when they change, as kubelet changes a mounted Secret. */
export class TlsFiles implements TlsSource {
  private readonly directory: string;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly identity: TlsIdentity;
  private refused: string | undefined;
  private cancelLook: () => void = () => {};
  private closed = false;

  private constructor(directory: string, { clock, log }: { readonly clock: Clock; readonly log: Log }, first: TlsCredentials) {
    this.directory = directory;
    this.clock = clock;
    this.log = log;
    this.identity = new TlsIdentity(first);
    this.lookLater();
  }

  /** Reads them. Throws `unavailable` when one is missing or they do not fit each other. */
  static async open(directory: string, options: { readonly clock: Clock; readonly log: Log }): Promise<TlsFiles> {
    try {
      const first = await read(directory);
      secureContext(first);
      return new TlsFiles(directory, options, first);
    } catch (cause) {
      throw new SlipwayError("unavailable", `The certificate in ${directory} cannot be used.`, {
        hint: "The files tls.crt, tls.key and ca.crt must be there, in PEM, and fit each other.",
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
      next = await read(this.directory);
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
    this.log.info("certificate replaced", { directory: this.directory });
  }
}

async function read(directory: string): Promise<TlsCredentials> {
  const [cert, key, ca] = await Promise.all(
    ["tls.crt", "tls.key", "ca.crt"].map((name) => readFile(join(directory, name), "utf8")),
  );
  return { cert: cert!, key: key!, ca: ca! };
}

function same(one: TlsCredentials, other: TlsCredentials): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}
