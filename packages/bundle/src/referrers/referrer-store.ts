import { type Clock, SlipwayError } from "@slipway/base";
import { readBlob } from "../layout/blob-reader.ts";
import { type ReferrerEntry, readIndex, readReferrerEntries, writeIndex } from "../layout/layout-index.ts";
import { withStoreLock } from "../layout/store-lock.ts";
import { blobPath, type StorePaths } from "../layout/store-paths.ts";
import { translated } from "../layout/translated.ts";
import { writeDurably } from "../layout/write-durably.ts";
import { damaged } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import { manifestLimit } from "../manifest/image-manifest.ts";
import { decodeReferrer, digestOf, emptyConfig, encodeReferrer, type Referrer, type ReferrerKind } from "./referrer.ts";

/** The documents about the bundles of a store: what is in them, how they were made, who signed them. They go when their bundle goes. */
export class ReferrerStore {
  private readonly paths: StorePaths;
  private readonly clock: Clock;
  private readonly prepare: () => Promise<void>;

  constructor(paths: StorePaths, clock: Clock, prepare: () => Promise<void>) {
    this.paths = paths;
    this.clock = clock;
    this.prepare = prepare;
  }

  /** Keeps a document about a bundle; one that is there already is not kept twice. `replace` takes away the others of its kind. Throws `notFound` without the bundle. */
  attach(
    subject: Digest,
    kind: ReferrerKind,
    content: Buffer,
    { replace = false }: { replace?: boolean } = {},
  ): Promise<Referrer> {
    return translated(async () => {
      await this.prepare();
      return await withStoreLock(this.paths.lock, this.clock, async () => {
        const bundles = await readIndex(this.paths);
        const bundle = bundles.find(({ digest }) => digest === subject);
        if (bundle === undefined) throw new SlipwayError("notFound", `The bundle ${subject} is not in this store.`);
        const made = encodeReferrer({ digest: subject, size: bundle.manifestSize }, kind, content);
        for (const bytes of [emptyConfig.bytes, content, made.manifest])
          await writeDurably(blobPath(this.paths, digestOf(bytes)), bytes, this.paths.temporary, this.paths.blobs);
        const others = (await readReferrerEntries(this.paths)).filter(
          (entry) => entry.digest !== made.digest && !(replace && entry.subject === subject && entry.kind === kind),
        );
        const entry: ReferrerEntry = { digest: made.digest, size: made.manifest.length, kind, subject };
        await writeIndex(this.paths, bundles, [...others, entry]);
        return made;
      });
    });
  }

  /** The documents about a bundle, of one kind or of all; verified by their digests. Throws `invalid` for one that is damaged. */
  list(subject: Digest, kind?: ReferrerKind): Promise<Referrer[]> {
    return translated(async () => {
      const found: Referrer[] = [];
      for (const entry of await readReferrerEntries(this.paths)) {
        if (entry.subject !== subject || (kind !== undefined && entry.kind !== kind)) continue;
        const manifest = await readBlob(this.paths, entry.digest, manifestLimit);
        const decoded = decodeReferrer(manifest);
        if (decoded?.subject !== subject) throw damaged(`its referrer ${entry.digest} is about something else`);
        const content = await readBlob(this.paths, decoded.content.digest, decoded.content.size);
        found.push({ digest: entry.digest, kind: decoded.kind, manifest, content });
      }
      return found;
    });
  }
}
