import { SlipwayError } from "@slipway/base";
import { Decoder } from "../manifest/decode.ts";
import { type Digest, hexOf, isDigest } from "../manifest/digest.ts";
import { mediaTypes } from "../manifest/image-manifest.ts";
import { memoryBlob } from "../registry/blob-source.ts";
import { type Repository, referenceText } from "../registry/image-reference.ts";
import type { RegistryClient } from "../registry/registry-client.ts";
import { decodeReferrer, digestOf, emptyConfig, type Referrer, referrerLimit, referrerTypes } from "./referrer.ts";

const indexType = "application/vnd.oci.image.index.v1+json";
/** Documents about one bundle that are looked at; anybody who may push can add some. */
const mostReferrers = 100;

interface Descriptor {
  readonly mediaType: string;
  readonly artifactType: string;
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Puts documents about a bundle into the repository that has it. They are also listed under the tag `sha256-…` of the subject, which is how
 * registries are asked that do not know referrers, https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema.
 */
export async function pushReferrers(
  client: RegistryClient,
  repository: Repository,
  subject: Digest,
  referrers: readonly Referrer[],
  signal?: AbortSignal,
): Promise<void> {
  if (referrers.length === 0) return;
  for (const { digest, kind, manifest, content } of referrers) {
    for (const blob of [memoryBlob(emptyConfig.mediaType, emptyConfig.bytes), memoryBlob(referrerTypes[kind], content)])
      await client.writeBlob(repository, blob, signal);
    await client.writeDocument(repository, { digest, mediaType: mediaTypes.manifest, bytes: manifest }, undefined, signal);
  }
  const added = referrers.map(({ digest, kind, manifest }) => ({
    mediaType: mediaTypes.manifest,
    artifactType: referrerTypes[kind],
    digest,
    size: manifest.length,
  }));
  const known = new Set<string>(added.map(({ digest }) => digest));
  const others = (await listed(client, repository, subject, signal)).filter(({ digest }) => !known.has(digest));
  const manifests = [...others, ...added].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
  await client.writeDocument(repository, { digest: digestOf(bytes), mediaType: indexType, bytes }, tagOf(subject), signal);
}

/** The documents about a bundle that a repository has, of the kinds that are known here; each is verified by its digest and must be about this bundle. */
export async function pullReferrers(
  client: RegistryClient,
  repository: Repository,
  subject: Digest,
  signal?: AbortSignal,
): Promise<Referrer[]> {
  const found: Referrer[] = [];
  for (const { digest, artifactType } of (await listed(client, repository, subject, signal)).slice(0, mostReferrers)) {
    if (!Object.values<string>(referrerTypes).includes(artifactType)) continue;
    const { bytes } = await client.readDocument({ ...repository, digest }, signal);
    const decoded = decodeReferrer(bytes);
    if (decoded === undefined) continue;
    if (decoded.subject !== subject) throw fault(repository, subject, `its document ${digest} is about something else`);
    const mediaType = referrerTypes[decoded.kind];
    const chunks: Uint8Array[] = [];
    for await (const chunk of client.blob(repository, { ...decoded.content, mediaType }).open(0, signal)) chunks.push(chunk);
    found.push({ digest, kind: decoded.kind, manifest: bytes, content: Buffer.concat(chunks) });
  }
  return found;
}

/** What both ways of asking list: a registry that knows referrers may hold some that were pushed by other tools. */
async function listed(
  client: RegistryClient,
  repository: Repository,
  subject: Digest,
  signal: AbortSignal | undefined,
): Promise<Descriptor[]> {
  const tag = { registry: repository.registry, name: repository.name, tag: tagOf(subject) };
  const documents = [
    await client.readReferrers(repository, subject, signal),
    (await client.findDocument(tag, signal)) === undefined ? undefined : (await client.readDocument(tag, signal)).bytes,
  ];
  const found = new Map<Digest, Descriptor>();
  for (const bytes of documents) {
    if (bytes === undefined) continue;
    const root = Decoder.parse(bytes, "list", (what) => fault(repository, subject, what));
    for (const item of root.get("manifests").list(10 * mostReferrers)) {
      const digest = item.get("digest").value;
      const artifactType = item.optional("artifactType")?.value;
      if (!isDigest(digest) || typeof artifactType !== "string") continue;
      found.set(digest, { mediaType: mediaTypes.manifest, artifactType, digest, size: item.get("size").size(referrerLimit) });
    }
  }
  return [...found.values()];
}

function tagOf(subject: Digest): string {
  return `sha256-${hexOf(subject)}`;
}

function fault(repository: Repository, subject: Digest, what: string): SlipwayError {
  return new SlipwayError("invalid", `What ${referenceText(repository)} keeps about ${subject} cannot be used: ${what}.`, {
    hint: "Ask who keeps the registry; the bundle itself is verified by its own digest.",
  });
}
