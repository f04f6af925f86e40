import { SlipwayError } from "@slipway/base";
import {
  type BundleBlobs,
  copyReference,
  type Digest,
  type ImageReference,
  type Progress,
  type PushCount,
  parseReference,
  pushBundle,
  pushReferrers,
  pushRelease,
  type Referrer,
  type RegistryClient,
  type Release,
  type Repository,
  referenceText,
} from "@slipway/bundle";
import { pushReport } from "./push-report.ts";

/** How a push is made. */
export interface PushOptions {
  readonly client: RegistryClient;
  readonly signal: AbortSignal;
  /** Told what it moved. */
  readonly say: (line: string) => void;
  readonly progress?: Progress | undefined;
}

/** Where a push goes: a repository, and a tag if the user likes. */
export class PushTarget {
  readonly tag: string | undefined;
  private readonly repository: Repository;

  /** Reads `REGISTRY/NAME` or `REGISTRY/NAME:TAG`. Throws `usage` for a digest. */
  constructor(text: string) {
    const { tag, digest, ...repository } = parseReference(text);
    if (digest !== undefined)
      throw new SlipwayError("usage", "A digest is what comes of a push; name a repository, with a tag if you like.");
    this.tag = tag;
    this.repository = repository;
  }

  /** What something of this digest is called there. */
  nameOf(digest: Digest): string {
    return referenceText({ ...this.repository, digest });
  }

  /** Pushes an image, and gives its name by digest. */
  async pushRelease(release: Release, options: PushOptions): Promise<string> {
    const count = await pushRelease(options.client, this.repository, release, this.under(options));
    return this.pushed(release.document.digest, count, options);
  }

  /** Pushes a bundle as it is with the documents about it, and gives its name by digest. */
  async pushBundle(bundle: BundleBlobs, referrers: readonly Referrer[], options: PushOptions): Promise<string> {
    const count = await pushBundle(options.client, this.repository, bundle, this.under(options));
    await pushReferrers(options.client, this.repository, bundle.digest, referrers, options.signal);
    return this.pushed(bundle.digest, count, options);
  }

  /** Copies what a reference names, and gives its name by digest. */
  async copy(from: ImageReference, options: PushOptions): Promise<string> {
    const { digest, count } = await copyReference(options.client, from, this.repository, this.under(options));
    return this.pushed(digest, count, options);
  }

  private under({ signal, progress }: PushOptions) {
    return { signal, progress, ...(this.tag === undefined ? {} : { tag: this.tag }) };
  }

  private pushed(digest: Digest, count: PushCount, { say }: PushOptions): string {
    say(pushReport(referenceText(this.repository), count));
    return this.nameOf(digest);
  }
}
