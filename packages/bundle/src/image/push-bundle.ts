import { mediaTypes } from "../manifest/image-manifest.ts";
import { memoryBlob } from "../registry/blob-source.ts";
import type { Repository } from "../registry/image-reference.ts";
import type { RegistryClient } from "../registry/registry-client.ts";
import type { BundleBlobs } from "./model-image.ts";
import { type PushCount, pushBlobs } from "./push-release.ts";

/** Puts a bundle into a repository under its own digest, as it is in the store. */
export async function pushBundle(
  client: RegistryClient,
  repository: Repository,
  { digest, manifest, config, layers }: BundleBlobs,
  { tag, signal }: { tag?: string; signal?: AbortSignal } = {},
): Promise<PushCount> {
  const count = await pushBlobs(client, repository, [...layers, memoryBlob(mediaTypes.config, config)], signal);
  await client.writeDocument(repository, { digest, mediaType: mediaTypes.manifest, bytes: manifest }, tag, signal);
  return count;
}
