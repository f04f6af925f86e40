import { type BlobPiece, mostBlobs, mostPieces } from "../layout/layer-pieces.ts";
import { Decoder, damaged } from "../manifest/decode.ts";
import { type Digest, hexOf } from "../manifest/digest.ts";
import { type BlobRef, configLimit, layerLimit, mediaTypes } from "../manifest/image-manifest.ts";
import { memoryBlob } from "../registry/blob-source.ts";
import type { Document } from "../registry/registry-client.ts";

/** Media types of a bundle of which some layers are pieces of other blobs. */
export const piecedTypes = {
  artifact: "application/vnd.slipway.bundle.pieces.v1",
  list: "application/vnd.slipway.bundle.pieces.v1+json",
  blob: "application/vnd.slipway.bundle.blob.v1",
} as const;

/** What a registry keeps of a bundle in pieces. */
export interface PiecedBundle {
  /** The bundle's own manifest, byte for byte. */
  readonly manifest: Buffer;
  readonly config: BlobRef;
  /** Whole layers, and the blobs that the pieces lie in. */
  readonly blobs: readonly BlobRef[];
  /** By the layer's digest. */
  readonly layers: ReadonlyMap<Digest, readonly BlobPiece[]>;
}

/** The tag that leads from a bundle's digest to its pieces: a registry does not take the bundle's own manifest without whole layers. */
export function piecesTag(bundle: Digest): string {
  return `sha256-${hexOf(bundle)}.slipway`;
}

/**
 * The artifact of a bundle in pieces: its manifest, and the list of pieces, which is its configuration. The bundle's manifest is in that list
 * and no blob of its own: some registries would give such a blob as the manifest, and its layers are not there.
 */
export function encodePiecedBundle({ manifest, config, blobs, layers }: PiecedBundle) {
  const list = memoryBlob(
    piecedTypes.list,
    JSON.stringify({
      bundle: manifest.toString("utf8"),
      layers: [...layers].map(([layer, pieces]) => ({ layer, pieces: pieces.map((p) => [p.blob, p.offset, p.size]) })),
    }),
  );
  const descriptor = (mediaType: string, { digest, size }: BlobRef) => ({ mediaType, digest, size });
  const document: Document & BlobRef = memoryBlob(
    mediaTypes.manifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType: piecedTypes.artifact,
      config: descriptor(piecedTypes.list, list),
      layers: [descriptor(mediaTypes.config, config), ...blobs.map((blob) => descriptor(piecedTypes.blob, blob))],
    }),
  );
  return { document, list };
}

/** The blobs that an artifact of a bundle in pieces names; the list of pieces is one of them. Throws `invalid`. */
export function decodePiecedManifest(bytes: Buffer): { list: BlobRef; blobs: BlobRef[] } {
  const root = Decoder.parse(bytes, "manifest");
  root.get("artifactType").is(piecedTypes.artifact);
  const blob = (descriptor: Decoder, type: string, limit?: number): BlobRef => {
    descriptor.get("mediaType").is(type);
    if (descriptor.optional("urls") !== undefined) throw damaged(`${descriptor.place} is kept elsewhere than in its registry`);
    return { digest: descriptor.get("digest").digest(), size: descriptor.get("size").size(limit) };
  };
  // Its config is named for the registry, which would delete it otherwise; it is read as the bundle's own manifest names it.
  const [config, ...blobs] = root.get("layers").list(1 + layerLimit * mostBlobs);
  if (config === undefined) throw damaged("its manifest names no config");
  blob(config, mediaTypes.config, configLimit);
  return {
    list: blob(root.get("config"), piecedTypes.list, configLimit),
    blobs: blobs.map((each) => blob(each, piecedTypes.blob)),
  };
}

/** The bundle's manifest and the list of pieces; each lies in one of the blobs, which an artifact names. Throws `invalid`. */
export function decodePieces(bytes: Buffer, blobs: readonly BlobRef[]): Pick<PiecedBundle, "manifest" | "layers"> {
  const root = Decoder.parse(bytes, "list of pieces");
  const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]));
  const layers = new Map<Digest, BlobPiece[]>();
  for (const item of root.get("layers").list(layerLimit)) {
    const pieces = item
      .get("pieces")
      .list(mostPieces)
      .map((piece): BlobPiece => {
        const [blob, offset, size] = piece.list(3);
        if (size === undefined) throw damaged(`${piece.place} is not a piece`);
        const found = { blob: blob!.digest(), offset: offset!.size(), size: size.size() };
        if (found.offset + found.size > (sizes.get(found.blob) ?? -1)) throw damaged(`${piece.place} lies outside its blob`);
        return found;
      });
    if (new Set(pieces.map(({ blob }) => blob)).size > mostBlobs) throw damaged(`${item.place} is spread over too many blobs`);
    layers.set(item.get("layer").digest(), pieces);
  }
  return { manifest: Buffer.from(root.get("bundle").text()), layers };
}
