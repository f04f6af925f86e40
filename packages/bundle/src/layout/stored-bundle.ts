import { createHash } from "node:crypto";
import { SlipwayError } from "@slipway/base";
import type { Bundle } from "../manifest/bundle.ts";
import type { BundleManifest } from "../manifest/bundle-manifest.ts";
import type { Digest } from "../manifest/digest.ts";
import { corrupt, openLayer, readRange } from "./blob-reader.ts";
import type { LoadedBundle, StoredFile } from "./load-bundle.ts";
import type { StorePaths } from "./store-paths.ts";

/** A bundle of a store on disk. */
export class StoredBundle implements Bundle {
  readonly digest: Digest;
  readonly manifest: BundleManifest;
  private readonly paths: StorePaths;
  private readonly loaded: LoadedBundle;
  private readonly unpack: () => Promise<string>;

  constructor(paths: StorePaths, loaded: LoadedBundle, names: readonly string[], unpack: () => Promise<string>) {
    this.paths = paths;
    this.loaded = loaded;
    this.unpack = unpack;
    this.digest = loaded.digest;
    const { layers: _, ...facts } = loaded.config;
    const size = facts.files.reduce((sum, file) => sum + file.size, 0);
    this.manifest = { digest: loaded.digest, ...facts, size, ...(names[0] === undefined ? {} : { name: names[0] }) };
  }

  open(path: string): AsyncIterable<Uint8Array> {
    return readStoredFile(this.paths, this.file(path));
  }

  async read(path: string, limitBytes: number): Promise<Buffer> {
    const file = this.file(path);
    if (file.size > limitBytes) {
      throw new SlipwayError("tooLarge", `${path} has ${file.size} bytes; at most ${limitBytes} are read at once.`);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of readStoredFile(this.paths, file)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  materialize(): Promise<string> {
    return this.unpack();
  }

  private file(path: string): StoredFile {
    const file = this.loaded.files.get(path);
    if (file !== undefined) return file;
    throw new SlipwayError("notFound", `The bundle has no file ${JSON.stringify(path.slice(0, 200))}.`, {
      hint: "The manifest of the bundle lists its files.",
    });
  }
}

/** The bytes of one file; throws `invalid` at the end when they did not have its digest. */
export async function* readStoredFile(paths: StorePaths, file: StoredFile): AsyncGenerator<Buffer> {
  const handle = await openLayer(paths, file.layer);
  try {
    const hash = createHash("sha256");
    for await (const chunk of readRange(handle, file.offset, file.size)) {
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest("hex") !== file.digest.slice("sha256:".length)) throw corrupt(file.layer.digest);
  } finally {
    await handle.close();
  }
}
