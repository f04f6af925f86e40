import { createHash } from "node:crypto";
import { Decoder, damaged } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import { type BlobRef, mediaTypes } from "../manifest/image-manifest.ts";

/** What a document about a bundle is: an OCI artifact that has the bundle as its subject, so that it never changes the bundle's digest. */
export const referrerTypes = {
  sbom: "application/vnd.cyclonedx+json",
  provenance: "application/vnd.in-toto+json",
  signature: "application/vnd.dev.sigstore.bundle.v0.3+json",
  contract: "application/vnd.slipway.contract.v1+json",
} as const;

/** A kind of document about a bundle. */
export type ReferrerKind = keyof typeof referrerTypes;

/** A document about a bundle, as it is kept: an artifact manifest and the one blob it names. */
export interface Referrer {
  /** Digest of the artifact manifest. */
  readonly digest: Digest;
  readonly kind: ReferrerKind;
  /** The artifact manifest, byte for byte. */
  readonly manifest: Buffer;
  readonly content: Buffer;
}

/** Bytes of a document that are read at most. */
export const referrerLimit = 16 * 2 ** 20;

/** The configuration of an artifact that needs none, https://github.com/opencontainers/image-spec/blob/main/manifest.md. */
export const emptyConfig = { mediaType: "application/vnd.oci.empty.v1+json", bytes: Buffer.from("{}") } as const;

/** The artifact that carries a document about `subject`; the same document gives the same bytes. */
export function encodeReferrer(subject: BlobRef, kind: ReferrerKind, content: Buffer): Referrer {
  const type = referrerTypes[kind];
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType: type,
      config: { mediaType: emptyConfig.mediaType, digest: digestOf(emptyConfig.bytes), size: emptyConfig.bytes.length },
      layers: [{ mediaType: type, digest: digestOf(content), size: content.length }],
      subject: { mediaType: mediaTypes.manifest, digest: subject.digest, size: subject.size },
    }),
  );
  return { digest: digestOf(manifest), kind, manifest, content };
}

/** What an artifact manifest says; undefined for a kind that is not one of ours. Throws `invalid` for one of ours in another form. */
export function decodeReferrer(manifest: Buffer): { kind: ReferrerKind; subject: Digest; content: BlobRef } | undefined {
  const root = Decoder.parse(manifest, "referrer");
  const kind = (Object.keys(referrerTypes) as ReferrerKind[]).find(
    (each) => referrerTypes[each] === root.optional("artifactType")?.value,
  );
  if (kind === undefined) return undefined;
  const [layer, ...more] = root.get("layers").list(1);
  if (layer === undefined || more.length > 0) throw damaged("one of its referrers has not one blob");
  if (layer.optional("urls") !== undefined) throw damaged("one of its referrers is kept elsewhere than in its registry");
  const content = { digest: layer.get("digest").digest(), size: layer.get("size").size(referrerLimit) };
  return { kind, subject: root.get("subject").get("digest").digest(), content };
}

/** SHA-256 of bytes, as a digest. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
