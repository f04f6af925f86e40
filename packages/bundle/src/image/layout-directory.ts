import { createHash } from "node:crypto";
import { mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "@slipway/base";
import { Decoder } from "../manifest/decode.ts";
import { type Digest, hexOf } from "../manifest/digest.ts";
import type { BlobSource } from "../registry/blob-source.ts";
import type { Document } from "../registry/registry-client.ts";
import { imageTypes, type Release } from "./image.ts";
import type { ReleaseSource } from "./read-release.ts";

const indexLimit = 2 ** 20;
const mostImages = 100;

/** Writes images into a new OCI image layout, https://github.com/opencontainers/image-spec/blob/main/image-layout.md; `oci-layout` comes last. */
export async function writeLayoutDirectory(directory: string, releases: readonly Release[], signal?: AbortSignal): Promise<void> {
  const blobs = join(directory, "blobs", "sha256");
  if (await isThere(join(directory, "oci-layout"))) {
    throw new SlipwayError("alreadyExists", `${directory} has an image layout already.`, {
      hint: "Name a new directory, or remove this one.",
    });
  }
  await mkdir(blobs, { recursive: true });
  for (const { document, images } of releases) {
    for (const blob of images.flatMap((image) => image.blobs)) await writeBlob(join(blobs, hexOf(blob.digest)), blob, signal);
    for (const { digest, bytes } of [...images.map((image) => image.document), document])
      await writeFile(join(blobs, hexOf(digest)), bytes);
  }
  const manifests = releases.map(({ document: { mediaType, digest, bytes } }) => ({ mediaType, digest, size: bytes.length }));
  await writeFile(join(directory, "index.json"), JSON.stringify({ schemaVersion: 2, mediaType: imageTypes.index, manifests }));
  await writeFile(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}

/** The images of an OCI image layout. Throws `notFound` where there is none. */
export async function readLayoutDirectory(directory: string): Promise<ReleaseSource[]> {
  const fault = (what: string) => new SlipwayError("invalid", `${directory} is not an image layout that can be used: ${what}.`);
  const index = await readFile(join(directory, "index.json")).catch(() => undefined);
  if (index === undefined || !(await isThere(join(directory, "oci-layout"))))
    throw new SlipwayError("notFound", `${directory} has no image layout.`, { hint: "`slipway image --layout DIR` writes one." });
  if (index.length > indexLimit) throw fault("its index is too large");
  return Decoder.parse(index, "index", fault)
    .get("manifests")
    .list(mostImages)
    .map((entry) => layoutSource(directory, { digest: entry.get("digest").digest(), mediaType: entry.get("mediaType").text() }));
}

function layoutSource(directory: string, top: { digest: Digest; mediaType: string }): ReleaseSource {
  const place = (digest: Digest) => join(directory, "blobs", "sha256", hexOf(digest));
  return {
    name: `${directory} (${top.digest})`,
    document: async (digest = top.digest): Promise<Document> => {
      const bytes = await readFile(place(digest)).catch(() => Buffer.alloc(0));
      if (digestOf(bytes) !== digest) throw foreign(directory, digest);
      return { digest, mediaType: digest === top.digest ? top.mediaType : "", bytes };
    },
    blob: (descriptor) => fileBlob(place(descriptor.digest), descriptor),
  };
}

function fileBlob(location: string, descriptor: Pick<BlobSource, "digest" | "size" | "mediaType">): BlobSource {
  return {
    ...descriptor,
    open: async function* (from) {
      const handle = await open(location);
      yield* handle.createReadStream({ start: from, highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>;
    },
  };
}

async function writeBlob(location: string, blob: BlobSource, signal: AbortSignal | undefined): Promise<void> {
  if (await isThere(location)) return;
  const handle = await open(location, "wx");
  const hash = createHash("sha256");
  try {
    for await (const chunk of blob.open(0, signal)) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  if (`sha256:${hash.digest("hex")}` !== blob.digest) throw foreign(location, blob.digest);
}

function digestOf(bytes: Buffer): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function foreign(place: string, digest: Digest): SlipwayError {
  return new SlipwayError("invalid", `The bytes of ${digest} in ${place} are not the ones of that digest.`, {
    hint: "Remove the directory and make the image again.",
  });
}

async function isThere(location: string): Promise<boolean> {
  return stat(location).then(
    () => true,
    () => false,
  );
}
