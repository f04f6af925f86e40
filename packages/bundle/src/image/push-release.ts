import type { BlobSource } from "../registry/blob-source.ts";
import type { Repository } from "../registry/image-reference.ts";
import type { RegistryClient } from "../registry/registry-client.ts";
import type { Release } from "./image.ts";

/** What a push moved. */
export interface PushCount {
  readonly uploaded: number;
  readonly mounted: number;
  readonly present: number;
  /** Bytes of the uploaded blobs. */
  readonly bytes: number;
}

/** Told again and again how far a transfer has come. */
export type Progress = (moved: { readonly bytes: number; readonly of: number }) => void;

/** How blobs are moved. */
export interface PushSettings {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

/** Blobs that are on their way at once. */
const atOnce = 4;

/** Puts an image or an index into a repository: blobs first, then manifests, then the index, so that what can be named is whole. */
export async function pushRelease(
  client: RegistryClient,
  repository: Repository,
  { document, images }: Release,
  settings: PushSettings & { readonly tag?: string } = {},
): Promise<PushCount> {
  const { tag, signal } = settings;
  const blobs = new Map(images.flatMap((image) => image.blobs).map((blob) => [blob.digest, blob]));
  const count = await pushBlobs(client, repository, [...blobs.values()], settings);
  for (const image of images)
    if (image.document.digest !== document.digest) await client.writeDocument(repository, image.document, undefined, signal);
  await client.writeDocument(repository, document, tag, signal);
  return count;
}

/** Puts blobs into a repository, a few at once; one that fails ends the others. */
export async function pushBlobs(
  client: RegistryClient,
  repository: Repository,
  blobs: readonly BlobSource[],
  { signal, progress }: PushSettings = {},
): Promise<PushCount> {
  const moved = new MovedBytes(blobs, progress);
  const failed = new AbortController();
  const both = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const count = { uploaded: 0, mounted: 0, present: 0, bytes: 0 };
  const queue = [...blobs];
  const work = async () => {
    for (let blob = queue.shift(); blob !== undefined; blob = queue.shift()) {
      const how = await client.writeBlob(repository, moved.counting(blob), both);
      moved.done(blob);
      count[how]++;
      if (how === "uploaded") count.bytes += blob.size;
    }
  };
  const workers = Array.from({ length: atOnce }, () =>
    work().catch((caught) => {
      failed.abort();
      queue.length = 0;
      throw caught;
    }),
  );
  const failures = (await Promise.allSettled(workers)).flatMap((each) =>
    each.status === "rejected" ? [each.reason as unknown] : [],
  );
  // The one that failed aborted the others, which say only that.
  if (failures.length > 0) throw failures.find((each) => (each as { code?: unknown }).code !== "cancelled") ?? failures[0];
  return count;
}

/** How far each blob has come; one that is read again after an interruption does not count twice. */
class MovedBytes {
  private readonly at = new Map<BlobSource, number>();
  private readonly total: number;
  private readonly progress: Progress | undefined;

  constructor(blobs: readonly BlobSource[], progress: Progress | undefined) {
    this.total = blobs.reduce((sum, { size }) => sum + size, 0);
    this.progress = progress;
  }

  counting(blob: BlobSource): BlobSource {
    const set = (bytes: number) => this.set(blob, bytes);
    return {
      ...blob,
      open: async function* (from, signal) {
        let at = from;
        for await (const chunk of blob.open(from, signal)) {
          at += chunk.length;
          set(at);
          yield chunk;
        }
      },
    };
  }

  done(blob: BlobSource): void {
    this.set(blob, blob.size);
  }

  private set(blob: BlobSource, bytes: number): void {
    this.at.set(blob, Math.max(this.at.get(blob) ?? 0, bytes));
    this.progress?.({ bytes: [...this.at.values()].reduce((sum, each) => sum + each, 0), of: this.total });
  }
}
