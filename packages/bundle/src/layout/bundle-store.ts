import { stat } from "node:fs/promises";
import { type Clock, SlipwayError } from "@slipway/base";
import { type BundleLimits, defaultBundleLimits } from "../build/bundle-limits.ts";
import { stageBundle } from "../build/stage-bundle.ts";
import type { Format } from "../formats/model-format.ts";
import type { BundleBlobs } from "../image/model-image.ts";
import type { Progress } from "../image/push-release.ts";
import type { Bundle } from "../manifest/bundle.ts";
import { type Digest, parseDigest } from "../manifest/digest.ts";
import { ReferrerStore } from "../referrers/referrer-store.ts";
import { verifyLayer } from "./blob-reader.ts";
import { bundleBlobs } from "./bundle-blobs.ts";
import { commitBundle } from "./commit-bundle.ts";
import { LayerCache, noReuse } from "./layer-cache.ts";
import { nameBundle, readIndex, writeIndex } from "./layout-index.ts";
import { checkLayerSizes, type LoadedBundle, loadBundle } from "./load-bundle.ts";
import { makeFolder } from "./make-folder.ts";
import { forgetPartial, rescuePartial } from "./partial.ts";
import { type BundleOrigin, type ReceiveContext, receiveBundle } from "./receive-bundle.ts";
import { recallBundle, rememberBundle } from "./remembered-bundle.ts";
import { bytesBelow, removeBundle, removeUnreferenced } from "./remove-bundles.ts";
import { withStoreLock } from "./store-lock.ts";
import { type StorePaths, storePaths } from "./store-paths.ts";
import { StoredBundle } from "./stored-bundle.ts";
import { sweepTemporary, withTemporary } from "./temporary.ts";
import { translated } from "./translated.ts";
import { unpackBundle } from "./unpack-bundle.ts";
import { writeDurably } from "./write-durably.ts";

/** How to make a {@link BundleStore}. */
export interface BundleStoreOptions {
  readonly clock: Clock;
  /** Replaces some of {@link defaultBundleLimits}. */
  readonly limits?: Partial<BundleLimits>;
  /** A folder for what building keeps between builds and shares between stores: installers, locks and environments. Without one only models that need none can be built. */
  readonly cache?: string;
}

/** How to build. */
export interface BuildOptions {
  /** A name for people, kept in the index; it moves to the newest bundle built under it. Not part of the digest. */
  readonly name?: string;
  /** False reads every file again, also large ones that have not changed since the last build. */
  readonly reuse?: boolean;
  /** The format that the model is declared to have; without one it must be clear from the files. */
  readonly format?: Format;
  readonly signal?: AbortSignal;
}

/** How to take in from elsewhere. */
export interface ReceiveOptions {
  /** A name for people, as in {@link BuildOptions}. */
  readonly name?: string;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** How to open. */
export interface OpenOptions {
  /** `full` (the default) hashes a layer at its first opening in this process; `size` is for callers that go on to `materialize`, which hashes every file itself. */
  readonly verify?: "full" | "size";
}

/** One bundle of {@link BundleStore.list}. */
export interface BundleSummary {
  readonly digest: Digest;
  readonly names: readonly string[];
  /** Bytes of its blobs, those it shares with others included. */
  readonly size: number;
}

const nameGrammar = /^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$/i;

/**
 * Bundles in one OCI image layout directory, by digest; any number of processes may use it at once. Everything is written beside and moved
 * into place, so what is there is whole; and it is verified when opened, so what is not whole is never used. Errors are SlipwayErrors:
 * `storageFull` for a full or read-only disk (nothing was changed), `forbidden` where the user lacks a right.
 */
export class BundleStore {
  readonly directory: string;
  /** The documents about its bundles. */
  readonly referrers: ReferrerStore;
  private readonly clock: Clock;
  readonly limits: BundleLimits;
  private readonly paths: StorePaths;
  private readonly cache: LayerCache;
  private readonly buildCache: string | undefined;
  private prepared: Promise<void> | undefined;
  private readonly verified = new Set<Digest>();
  private readonly unpacked = new Map<Digest, Promise<string>>();
  private readonly receiving = new Map<Digest, Promise<void>>();

  constructor(directory: string, { clock, limits, cache }: BundleStoreOptions) {
    this.buildCache = cache;
    this.directory = directory;
    this.clock = clock;
    this.limits = { ...defaultBundleLimits, ...limits };
    this.paths = storePaths(directory);
    this.cache = new LayerCache(this.paths, this.limits);
    this.referrers = new ReferrerStore(this.paths, clock, () => this.prepare());
  }

  /** Builds a bundle from a model directory. The same content gives the same digest everywhere. Throws `invalid` with every problem. */
  build(directory: string, { name, reuse = true, format, signal }: BuildOptions = {}): Promise<Bundle> {
    return translated(async () => {
      demandName(name);
      await this.prepare();
      const attempt = (source: LayerCache | typeof noReuse) =>
        withTemporary(this.paths.temporary, async (work) => {
          const options = {
            limits: this.limits,
            work,
            reuse: source,
            now: () => this.clock.now(),
            format,
            cache: this.buildCache,
            signal,
          };
          const staged = await stageBundle(directory, options);
          return (await commitBundle(this.paths, this.clock, staged, name)) ? staged.digest : undefined;
        });
      // A blob to be reused can vanish until the store is locked; without reuse there is none.
      const digest = (reuse ? await attempt(this.cache) : undefined) ?? (await attempt(noReuse));
      return await this.open(digest!, { verify: "size" });
    });
  }

  /**
   * Takes a bundle in from elsewhere, verified as one that is built here; `origin` is asked only when the store does not have the bundle whole.
   * Calls for the same digest at once share one transfer.
   */
  receive(digest: Digest, origin: () => Promise<BundleOrigin>, { name, signal, progress }: ReceiveOptions = {}): Promise<Bundle> {
    return translated(async () => {
      demandName(name);
      const known = await this.open(digest).catch((caught: SlipwayError) => {
        // Absent, or damaged: what comes replaces it.
        if (caught.code === "notFound" || caught.code === "invalid") return undefined;
        throw caught;
      });
      if (known === undefined) {
        const transfer = this.receiving.get(digest) ?? this.transfer(digest, origin, name, { signal, progress });
        this.receiving.set(digest, transfer);
        await transfer.finally(() => this.receiving.delete(digest));
      } else if (name !== undefined) {
        await withStoreLock(this.paths.lock, this.clock, () => nameBundle(this.paths, digest, name));
      }
      return await this.open(digest, { verify: "size" });
    });
  }

  /** The blobs of a bundle, for a registry or an image. Throws as {@link open}. */
  blobs(digest: Digest): Promise<BundleBlobs> {
    return translated(async () => {
      const loaded = await loadBundle(this.paths, parseDigest(digest), this.limits);
      await checkLayerSizes(this.paths, loaded);
      return await bundleBlobs(this.paths, loaded);
    });
  }

  /** A bundle, verified. Throws `notFound` for one that is not here, `invalid` for one that is damaged. */
  open(digest: Digest, { verify = "full" }: OpenOptions = {}): Promise<Bundle> {
    return translated(async () => {
      const loaded = await loadBundle(this.paths, parseDigest(digest), this.limits);
      await checkLayerSizes(this.paths, loaded);
      if (verify === "full") await this.verifyLayers(loaded, this.verified);
      const entry = (await readIndex(this.paths)).find((other) => other.digest === digest);
      return new StoredBundle(this.paths, loaded, entry?.names ?? [], () => this.materialize(digest));
    });
  }

  /** Reads every byte of a bundle again and throws `invalid` if one is wrong. */
  verify(digest: Digest): Promise<void> {
    return translated(async () => {
      const loaded = await loadBundle(this.paths, parseDigest(digest), this.limits);
      await checkLayerSizes(this.paths, loaded);
      await this.verifyLayers(loaded, new Set());
    });
  }

  /** See {@link Bundle.materialize}. */
  materialize(digest: Digest): Promise<string> {
    return translated(async () => {
      const known = this.unpacked.get(parseDigest(digest));
      if (known !== undefined && (await isThere(await known))) return await known;
      const unpacking = loadBundle(this.paths, digest, this.limits).then((loaded) =>
        unpackBundle(this.paths, loaded, () => this.prepare()),
      );
      this.unpacked.set(digest, unpacking);
      unpacking.catch(async (caught: { readonly code?: unknown }) => {
        this.unpacked.delete(digest);
        // A blob that has rotted must not be built upon again.
        if (caught.code === "invalid") await this.cache.clear();
      });
      return await unpacking;
    });
  }

  /** The bundle that was remembered for a key, if it is still here. */
  recall(key: string): Promise<Digest | undefined> {
    return translated(() => recallBundle(this.paths, key));
  }

  /** Remembers that something with this key became this bundle. As all of the cache, it may be forgotten at any time. */
  remember(key: string, digest: Digest): Promise<void> {
    return translated(() => rememberBundle(this.paths, key, digest));
  }

  /** Runs `work` with an empty directory on the store's disk, which goes away however it ends. */
  withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    return translated(async () => {
      await this.prepare();
      return await withTemporary(this.paths.temporary, work);
    });
  }

  /** All bundles, by digest. */
  list(): Promise<BundleSummary[]> {
    return translated(async () => {
      const entries = await readIndex(this.paths);
      return entries.map(({ digest, names, size }) => ({ digest, names, size }));
    });
  }

  /** Deletes a bundle with the blobs and files only it has; false when it is not here. What is being read is read to its end. */
  remove(digest: Digest): Promise<boolean> {
    return translated(async () => {
      const wanted = parseDigest(digest);
      await this.prepare();
      this.unpacked.delete(wanted);
      return await withStoreLock(this.paths.lock, this.clock, () => removeBundle(this.paths, wanted));
    });
  }

  /** Deletes what crashes left: temporary files of dead processes, and blobs and unpacked files no bundle has. For the start of a platform. */
  sweep(): Promise<void> {
    return translated(async () => {
      await this.prepare();
      await withStoreLock(this.paths.lock, this.clock, () => removeUnreferenced(this.paths));
    });
  }

  /** Bytes on disk. */
  diskUsage(): Promise<{ blobs: number; unpacked: number }> {
    return translated(async () => ({
      blobs: await bytesBelow(this.paths.blobs),
      unpacked: await bytesBelow(this.paths.unpacked),
    }));
  }

  private async transfer(
    digest: Digest,
    origin: () => Promise<BundleOrigin>,
    name: string | undefined,
    settings: Pick<ReceiveContext, "signal" | "progress">,
  ): Promise<void> {
    await this.prepare();
    const from = await origin();
    for (let done = false; !done; ) {
      done = await withTemporary(this.paths.temporary, async (work) => {
        const staged = await receiveBundle(digest, from, { ...settings, paths: this.paths, work, limits: this.limits });
        // False when a layer that was to be reused has been removed meanwhile.
        return await commitBundle(this.paths, this.clock, staged, name);
      });
    }
  }

  private async verifyLayers(bundle: LoadedBundle, done: Set<Digest>): Promise<void> {
    for (const { digest, plan } of bundle.layers) {
      if (done.has(digest)) continue;
      try {
        await verifyLayer(this.paths, digest, plan);
      } catch (caught) {
        await this.cache.clear();
        throw caught;
      }
      done.add(digest);
    }
  }

  private prepare(): Promise<void> {
    this.prepared ??= this.makeLayout().catch((caught) => {
      this.prepared = undefined;
      throw caught;
    });
    return this.prepared;
  }

  private async makeLayout(): Promise<void> {
    const { paths } = this;
    for (const folder of [paths.blobs, paths.pieces, paths.temporary, paths.cache]) await makeFolder(folder);
    await withStoreLock(paths.lock, this.clock, async () => {
      if (!(await isThere(paths.layout))) {
        await writeDurably(paths.layout, JSON.stringify({ imageLayoutVersion: "1.0.0" }), paths.temporary, paths.root);
      }
      if (!(await isThere(paths.index))) await writeIndex(paths, []);
    });
    await sweepTemporary(paths.temporary, this.clock, (left) => rescuePartial(paths, left));
    await forgetPartial(paths, this.clock);
  }
}

function demandName(name: string | undefined): void {
  if (name === undefined || nameGrammar.test(name)) return;
  throw new SlipwayError("invalid", `${JSON.stringify(name.slice(0, 80))} cannot name a bundle.`, {
    hint: "Use letters, digits, dots, dashes and underscores.",
  });
}

async function isThere(location: string): Promise<boolean> {
  try {
    await stat(location);
    return true;
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw caught;
  }
}
