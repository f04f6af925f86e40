import { readFile } from "node:fs/promises";
import { SlipwayError } from "@slipway/base";
import { type Digest, isDigest } from "../manifest/digest.ts";
import { mediaTypes } from "../manifest/image-manifest.ts";
import { type ReferrerKind, referrerTypes } from "../referrers/referrer.ts";
import type { StorePaths } from "./store-paths.ts";
import { writeDurably } from "./write-durably.ts";

const nameKey = "org.opencontainers.image.ref.name";
const bytesKey = "dev.slipway.bundle.bytes";
const subjectKey = "dev.slipway.bundle.subject";

/** A bundle of the index. */
export interface IndexEntry {
  readonly digest: Digest;
  /** Bytes of the image manifest. */
  readonly manifestSize: number;
  /** Bytes of all blobs. */
  readonly size: number;
  /** Sorted; in the file each is a descriptor of its own, as the OCI layout has it. */
  readonly names: readonly string[];
}

/** A document about a bundle, in the index. */
export interface ReferrerEntry {
  /** Digest of the artifact manifest. */
  readonly digest: Digest;
  /** Bytes of the artifact manifest. */
  readonly size: number;
  readonly kind: ReferrerKind;
  readonly subject: Digest;
}

/** The bundles in `index.json`; what others put there (other media types) is not a bundle and left out. No index: no bundles. */
export async function readIndex(paths: StorePaths): Promise<IndexEntry[]> {
  return readDescriptors(paths, (manifests) => {
    const entries = new Map<Digest, IndexEntry>();
    for (const { artifactType, digest, size, annotations } of manifests) {
      if (artifactType !== mediaTypes.artifact || !isDigest(digest)) continue;
      const name = annotations?.[nameKey];
      const names = [...(entries.get(digest)?.names ?? []), ...(name === undefined ? [] : [name])].sort();
      entries.set(digest, { digest, manifestSize: size, size: Number(annotations?.[bytesKey] ?? 0), names });
    }
    return [...entries.values()];
  });
}

/** The documents about bundles in `index.json`. */
export async function readReferrerEntries(paths: StorePaths): Promise<ReferrerEntry[]> {
  return readDescriptors(paths, (manifests) =>
    manifests.flatMap(({ artifactType, digest, size, annotations }) => {
      const subject = annotations?.[subjectKey];
      const [kind] = Object.entries(referrerTypes).find(([, type]) => type === artifactType) ?? [];
      if (kind === undefined || !isDigest(digest) || !isDigest(subject)) return [];
      return [{ digest, size, kind: kind as ReferrerKind, subject }];
    }),
  );
}

async function readDescriptors<T>(paths: StorePaths, decode: (manifests: Descriptor[]) => T[]): Promise<T[]> {
  let text: string;
  try {
    text = await readFile(paths.index, "utf8");
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw caught;
  }
  try {
    return decode((JSON.parse(text) as { manifests: Descriptor[] }).manifests);
  } catch (cause) {
    throw new SlipwayError("invalid", "The index of the bundle store is damaged.", {
      hint: "Move the store's index.json away and build the models again; bundles that are in use keep running.",
      cause,
    });
  }
}

/** Replaces the bundles of the index, and the documents about them when some are given; documents about no bundle of it go. Call with the store locked. */
export async function writeIndex(
  paths: StorePaths,
  entries: readonly IndexEntry[],
  referrers?: readonly ReferrerEntry[],
): Promise<void> {
  const bundles = new Set(entries.map(({ digest }) => digest));
  const documents = (referrers ?? (await readReferrerEntries(paths))).filter(({ subject }) => bundles.has(subject));
  const inOrder = (a: { digest: Digest }, b: { digest: Digest }) => (a.digest < b.digest ? -1 : 1);
  const manifests = [
    ...entries.toSorted(inOrder).flatMap(toDescriptors),
    ...documents.toSorted(inOrder).map(({ digest, size, kind, subject }) => ({
      mediaType: mediaTypes.manifest,
      artifactType: referrerTypes[kind],
      digest,
      size,
      annotations: { [subjectKey]: subject },
    })),
  ];
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
  await writeDurably(paths.index, JSON.stringify(index), paths.temporary, paths.root);
}

/** The index with `added` in it; a name belongs to one bundle, so the one that had it before stays without. */
export function withEntry(
  entries: readonly IndexEntry[],
  added: Omit<IndexEntry, "names">,
  name: string | undefined,
): IndexEntry[] {
  const before = entries.find(({ digest }) => digest === added.digest)?.names ?? [];
  const others = entries
    .filter(({ digest }) => digest !== added.digest)
    .map((entry) => ({ ...entry, names: entry.names.filter((other) => other !== name) }));
  const names = [...new Set([...before, ...(name === undefined ? [] : [name])])].sort();
  return [...others, { ...added, names }];
}

/** Gives a bundle that is there a name. Call with the store locked. */
export async function nameBundle(paths: StorePaths, digest: Digest, name: string): Promise<void> {
  const entries = await readIndex(paths);
  const entry = entries.find((other) => other.digest === digest);
  if (entry !== undefined) await writeIndex(paths, withEntry(entries, entry, name));
}

interface Descriptor {
  readonly mediaType: string;
  readonly artifactType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

function toDescriptors({ digest, manifestSize, size, names }: IndexEntry): Descriptor[] {
  return (names.length === 0 ? [undefined] : names).map((name) => ({
    mediaType: mediaTypes.manifest,
    artifactType: mediaTypes.artifact,
    digest,
    size: manifestSize,
    annotations: { ...(name === undefined ? {} : { [nameKey]: name }), [bytesKey]: String(size) },
  }));
}
