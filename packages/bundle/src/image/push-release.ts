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

/** Blobs that are on their way at once. */
const atOnce = 3;

/** Puts an image or an index into a repository: blobs first, then manifests, then the index, so that what can be named is whole. */
export async function pushRelease(
  client: RegistryClient,
  repository: Repository,
  { document, images }: Release,
  { tag, signal }: { tag?: string; signal?: AbortSignal } = {},
): Promise<PushCount> {
  const blobs = new Map(images.flatMap((image) => image.blobs).map((blob) => [blob.digest, blob]));
  const count = await pushBlobs(client, repository, [...blobs.values()], signal);
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
  signal?: AbortSignal,
): Promise<PushCount> {
  const failed = new AbortController();
  const both = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const count = { uploaded: 0, mounted: 0, present: 0, bytes: 0 };
  const queue = [...blobs];
  const work = async () => {
    for (let blob = queue.shift(); blob !== undefined; blob = queue.shift()) {
      const how = await client.writeBlob(repository, blob, both);
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
