import type { BlobRef } from "../manifest/image-manifest.ts";
import { fetchBlob } from "./fetch-blob.ts";
import type { BundleOrigin, ReceiveContext } from "./receive-bundle.ts";
import { blobPath, partialPath, type StorePaths } from "./store-paths.ts";

/** Blobs that are on their way at once. */
const atOnce = 4;

/** Fetches blobs into a draft, some at once. One that fails ends the others; what they have is kept for another try. */
export async function fetchBlobs(
  blobs: readonly BlobRef[],
  origin: BundleOrigin,
  { paths, signal, progress }: ReceiveContext,
  draft: StorePaths,
): Promise<void> {
  const failed = new AbortController();
  const both = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  const reached = new Map<BlobRef, number>();
  const queue = [...blobs];
  const fetchOne = async (blob: BlobRef) => {
    const from = async function* (at: number) {
      let position = at;
      for await (const chunk of origin.blob({ ...blob, kind: "layer" }, both, at)) {
        yield chunk;
        position += chunk.length;
        reached.set(blob, position);
        progress?.({ bytes: [...reached.values()].reduce((sum, bytes) => sum + bytes, 0), of: total });
      }
    };
    await fetchBlob(blobPath(draft, blob.digest), blob, partialPath(paths, blob.digest), from);
  };
  const work = async () => {
    for (let blob = queue.shift(); blob !== undefined; blob = queue.shift()) {
      try {
        await fetchOne(blob);
      } catch (caught) {
        queue.length = 0;
        failed.abort();
        throw caught;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(atOnce, blobs.length) }, work));
  const reasons = results.flatMap((each) => (each.status === "rejected" ? [each.reason as { code?: unknown }] : []));
  // The one that failed cancelled the others, which say only that.
  if (reasons.length > 0) throw reasons.find(({ code }) => code !== "cancelled") ?? reasons[0];
}
