import { SlipwayError } from "@slipway/base";
import { Decoder } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import { mediaTypes } from "../manifest/image-manifest.ts";
import { pullReferrers, pushReferrers } from "../referrers/registry-referrers.ts";
import type { BlobSource } from "../registry/blob-source.ts";
import { type ImageReference, type Repository, referenceText } from "../registry/image-reference.ts";
import type { Document, RegistryClient } from "../registry/registry-client.ts";
import { findBundle, readNamed } from "./bundle-origin.ts";
import { piecedTypes, piecesTag } from "./pieced-bundle.ts";
import { type PushCount, type PushSettings, pushBlobs } from "./push-release.ts";

const mostManifests = 100;
const mostLayers = 4000;

/** What a copy made. */
export interface Copied {
  /** What it is called by in the new repository: for a bundle in pieces, the bundle's own digest. */
  readonly digest: Digest;
  readonly count: PushCount;
}

/**
 * Copies a bundle, an image or an index of images to another repository, byte for byte, with what is known of a bundle (contents, provenance,
 * signatures). Nothing is kept on this machine; within a registry no byte of a blob moves. Throws `invalid` for what is neither.
 */
export async function copyReference(
  client: RegistryClient,
  from: ImageReference,
  to: Repository,
  settings: PushSettings & { readonly tag?: string } = {},
): Promise<Copied> {
  const { tag, signal } = settings;
  const document = await readNamed(client, from, signal);
  const fault = faultOf(from);
  const root = Decoder.parse(document.bytes, "manifest", fault);
  const children: Document[] = [];
  if (root.optional("manifests") !== undefined)
    for (const item of root.get("manifests").list(mostManifests))
      children.push(
        await client.readDocument({ registry: from.registry, name: from.name, digest: item.get("digest").digest() }, signal),
      );
  const blobs = new Map<Digest, BlobSource>();
  for (const each of children.length > 0 ? children : [document])
    for (const blob of blobsOf(each, client, from)) blobs.set(blob.digest, blob);
  const count = await pushBlobs(client, to, [...blobs.values()], settings);
  for (const child of children) await client.writeDocument(to, child, undefined, signal);
  const type = root.optional("artifactType")?.value;
  const isBundle = type === mediaTypes.artifact || type === piecedTypes.artifact;
  const { digest } = isBundle ? await findBundle(client, { ...from, digest: document.digest }, signal) : document;
  if (type === piecedTypes.artifact) await client.writeDocument(to, document, piecesTag(digest), signal);
  await client.writeDocument(to, document, tag, signal);
  if (isBundle) await pushReferrers(client, to, digest, await pullReferrers(client, from, digest, signal), signal);
  return { digest, count };
}

/** The blobs that a manifest names, in the repository it is in. */
function blobsOf({ bytes }: Document, client: RegistryClient, from: ImageReference): BlobSource[] {
  const root = Decoder.parse(bytes, "manifest", faultOf(from));
  return [root.get("config"), ...root.get("layers").list(mostLayers)].map((item) => {
    if (item.optional("urls") !== undefined) throw faultOf(from)(`${item.place} is kept elsewhere than in its registry`);
    return client.blob(from, {
      digest: item.get("digest").digest(),
      size: item.get("size").size(),
      mediaType: item.get("mediaType").text(),
    });
  });
}

function faultOf(reference: ImageReference): (what: string) => SlipwayError {
  return (what) => new SlipwayError("invalid", `${referenceText(reference)} cannot be copied: ${what}.`);
}
