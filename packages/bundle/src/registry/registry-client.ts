import { createHash } from "node:crypto";
import { type Clock, SlipwayError } from "@slipway/base";
import { type Digest, isDigest } from "../manifest/digest.ts";
import type { BlobSource } from "./blob-source.ts";
import { anonymous, type Credentials } from "./credentials.ts";
import { downloadBlob } from "./download-blob.ts";
import { type ImageReference, type Repository, referenceText } from "./image-reference.ts";
import { repositoryUrl } from "./registry-origin.ts";
import { Transport } from "./transport.ts";
import { uploadBlob } from "./upload-blob.ts";
import type { Proxies } from "./wire.ts";

/** How to reach registries. */
export interface RegistryOptions {
  readonly clock: Clock;
  /** Default: nobody in particular. */
  readonly credentials?: Credentials;
  /** Hosts (with their port) that are reached over plain HTTP. */
  readonly insecure?: readonly string[];
  /** Default: none; registries are reached directly. */
  readonly proxies?: Proxies;
}

/** A manifest or an index, as its bytes. */
export interface Document {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Bytes of a document that are read: the least that the specification wants registries to take. */
const documentLimit = 4 * 2 ** 20;

const documentTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/**
 * A client of registries, https://github.com/opencontainers/distribution-spec v1.1. What it gives is verified against its digest; what
 * fails for a moment is tried again, within bounds; errors are SlipwayErrors that name registry and thing.
 */
export class RegistryClient {
  private readonly transport: Transport;
  private readonly clock: Clock;
  private readonly insecure: readonly string[];

  constructor({ clock, credentials = anonymous, insecure = [], proxies }: RegistryOptions) {
    this.clock = clock;
    this.insecure = insecure;
    this.transport = new Transport(credentials, clock, proxies);
  }

  /** The manifest or index that a reference names. Throws `notFound` when there is none, `invalid` when its bytes are not its digest's. */
  async readDocument(reference: ImageReference, signal?: AbortSignal): Promise<Document> {
    const response = await this.documentCall("GET", reference, [200], signal);
    const bytes = await readLimited(response.body as AsyncIterable<Buffer>, `The manifest of ${referenceText(reference)}`);
    const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    if (reference.digest !== undefined && reference.digest !== digest) {
      throw new SlipwayError(
        "invalid",
        `The registry ${reference.registry} sent something else for ${referenceText(reference)}.`,
        {
          hint: "Its bytes are not those of the digest, so nothing of it is used. Push it again, or use another registry.",
        },
      );
    }
    return {
      digest,
      mediaType: String(response.headers["content-type"] ?? "")
        .split(";")[0]!
        .trim(),
      bytes,
    };
  }

  /** The digest a reference has in its registry; undefined when there is none. */
  async findDocument(reference: ImageReference, signal?: AbortSignal): Promise<Digest | undefined> {
    const response = await this.documentCall("HEAD", reference, [200, 404], signal);
    await response.body.dump();
    if (response.statusCode === 404) return undefined;
    const digest = response.headers["docker-content-digest"] ?? reference.digest;
    return isDigest(digest) ? digest : (await this.readDocument(reference, signal)).digest;
  }

  /** Puts a manifest or index under its digest, and under a tag as well when one is given. What it names must be there already. */
  async writeDocument(repository: Repository, document: Document, tag?: string, signal?: AbortSignal): Promise<void> {
    const { digest, mediaType, bytes } = document;
    const response = await this.transport.call({
      method: "PUT",
      url: this.url(repository, `manifests/${tag ?? digest}`),
      scope: { registry: repository.registry, names: [`repository:${repository.name}:pull,push`] },
      headers: { "content-type": mediaType },
      body: bytes,
      expect: [201],
      what: `the manifest of ${repository.name}${tag === undefined ? "" : `:${tag}`}`,
      signal,
    });
    await response.body.dump();
  }

  /** The registry's own list of what refers to a manifest, an image index; undefined from a registry that does not know referrers. */
  async readReferrers(repository: Repository, subject: Digest, signal?: AbortSignal): Promise<Buffer | undefined> {
    const response = await this.transport.call({
      method: "GET",
      url: this.url(repository, `referrers/${subject}`),
      scope: { registry: repository.registry, names: [`repository:${repository.name}:pull`] },
      headers: { accept: "application/vnd.oci.image.index.v1+json" },
      expect: [200, 404],
      what: `the referrers of ${subject} in ${repository.name}`,
      signal,
    });
    if (response.statusCode === 404) {
      await response.body.dump();
      return undefined;
    }
    return readLimited(response.body as AsyncIterable<Buffer>, `The list of what refers to ${subject}`);
  }

  /** Whether a repository has a blob. */
  async hasBlob(repository: Repository, digest: Digest, signal?: AbortSignal): Promise<boolean> {
    const response = await this.transport.call({
      method: "HEAD",
      url: this.url(repository, `blobs/${digest}`),
      scope: { registry: repository.registry, names: [`repository:${repository.name}:pull,push`] },
      expect: [200, 404],
      what: `blob ${digest} in ${repository.name}`,
      signal,
    });
    await response.body.dump();
    return response.statusCode === 200;
  }

  /** A blob of a repository, as a source: verified when it is read from its start, and takeable by other repositories of the registry. */
  blob(repository: Repository, { digest, size, mediaType }: { digest: Digest; size: number; mediaType: string }): BlobSource {
    const url = this.url(repository, `blobs/${digest}`);
    const { transport, clock } = this;
    return {
      digest,
      size,
      mediaType,
      origin: { registry: repository.registry, name: repository.name },
      open: (from, signal) => downloadBlob({ repository, digest, size, url, from }, { transport, clock, signal }),
    };
  }

  /** Puts a blob into a repository, unless it is there. */
  async writeBlob(repository: Repository, source: BlobSource, signal?: AbortSignal): Promise<"present" | "mounted" | "uploaded"> {
    if (await this.hasBlob(repository, source.digest, signal)) return "present";
    const uploads = this.url(repository, "blobs/uploads/");
    return await uploadBlob({ repository, uploads }, source, { transport: this.transport, clock: this.clock, signal });
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    await this.transport.close();
  }

  private documentCall(
    method: "GET" | "HEAD",
    reference: ImageReference,
    expect: readonly number[],
    signal: AbortSignal | undefined,
  ) {
    return this.transport.call({
      method,
      url: this.url(reference, `manifests/${reference.digest ?? reference.tag ?? "latest"}`),
      scope: { registry: reference.registry, names: [`repository:${reference.name}:pull`] },
      headers: { accept: documentTypes.join(", ") },
      expect,
      what: `image ${referenceText(reference)}`,
      signal,
    });
  }

  private url(repository: Repository, path: string): URL {
    return repositoryUrl(repository, this.insecure, path);
  }
}

async function readLimited(body: AsyncIterable<Buffer>, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > documentLimit) throw new SlipwayError("tooLarge", `${what} has more than ${documentLimit} bytes.`);
  }
  return Buffer.concat(chunks);
}
