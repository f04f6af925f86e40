import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FieldProblem, type Instant, SlipwayError } from "@slipway/base";
import type { Signature } from "@slipway/spec";
import { type Chunk, chunkedFrom } from "../chunks/chunk.ts";
import { chunkPower } from "../chunks/chunker.ts";
import { detectFormat } from "../formats/detect-format.ts";
import { formatOf } from "../formats/formats.ts";
import type { Format, StagedDirectory } from "../formats/model-format.ts";
import type { BlobPiece } from "../layout/layer-pieces.ts";
import { type Piece, PieceFile } from "../layout/piece-file.ts";
import { type BundleConfig, encodeBundleConfig } from "../manifest/bundle-config.ts";
import type { BundleFile } from "../manifest/bundle-manifest.ts";
import type { Digest } from "../manifest/digest.ts";
import { environmentRoot, isEnvironmentPath } from "../manifest/file-path.ts";
import { type BlobRef, encodeImageManifest, layerLimit } from "../manifest/image-manifest.ts";
import { type LayerPlan, largeFile, type PlacedFile, planLayers } from "../manifest/plan-layers.ts";
import type { BundleLimits } from "./bundle-limits.ts";
import { checkSample } from "./check-sample.ts";
import { writeNewFile } from "./new-file.ts";
import { inImage, prepareModel, tooLargeToRead } from "./prepare-model.ts";
import { type FoundFile, refused, scanDirectory } from "./scan-directory.ts";
import { setAsideManifests } from "./set-aside-manifests.ts";
import { readBuffer, readSourceFile } from "./source-file.ts";
import { type KnownChunks, writeChunkedLayer } from "./write-chunked-layer.ts";
import { type WrittenLayer, writeLayer } from "./write-layer.ts";

/** A blob that is ready. With neither `file` nor `pieces`, the store has it already. */
export interface StagedBlob extends BlobRef {
  /** Where its bytes can be read until it is in the store. */
  readonly source: readonly Piece[];
  /** The file that becomes its blob. */
  readonly file?: string;
  /** The blobs its bytes lie in, when it does not become one itself. */
  readonly pieces?: readonly BlobPiece[];
  /** The new ones among those blobs, and their files. */
  readonly packs?: readonly (BlobRef & { readonly file: string })[];
}

/** A bundle whose blobs wait to be moved into a store. */
export interface StagedBundle {
  readonly digest: Digest;
  readonly blobs: readonly StagedBlob[];
  readonly config: BundleConfig;
  /** Bytes of all blobs. */
  readonly size: number;
}

/** Layers of unchanged files that need not be written again. */
export interface LayerReuse {
  find(file: FoundFile, plan: LayerPlan): Promise<(WrittenLayer & { readonly pieces: readonly Piece[] }) | undefined>;
  /** `readAt` is when reading began: a file that changed just before may change again in the same tick of the file system's clock. */
  record(file: FoundFile, plan: LayerPlan, layer: WrittenLayer, readAt: Instant): Promise<void>;
  /** Chunks of other contents of a large file, given the bytes of its layer. */
  known(path: string, size: number, power: number): Promise<KnownChunks | undefined>;
  learn(layer: Digest, power: number, chunks: readonly Chunk[]): Promise<void>;
  /** Where the bytes of known chunks can be read. */
  locate(pieces: readonly BlobPiece[]): readonly Piece[];
  /** Whether every byte of a layer that is there is right. */
  isWhole(layer: Digest, plan: LayerPlan): Promise<boolean>;
}

/** What {@link stageBundle} works with. */
export interface StageOptions {
  readonly limits: BundleLimits;
  /** An empty directory of its own. */
  readonly work: string;
  readonly reuse: LayerReuse;
  readonly now: () => Instant;
  /** The format that the model is declared to have; without one it must be clear from the files. */
  readonly format?: Format | undefined;
  /** A folder for what is kept between builds, such as Python environments; without one only models that need none can be built. */
  readonly cache: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface StagedFile extends PlacedFile {
  readonly digest: Digest;
  readonly layer: StagedBlob;
}

/**
 * Turns a model directory into the blobs of a bundle in a work directory, reading each file once. Throws `invalid` with all problems of the
 * directory, or all of the model and its samples; nothing outside the work directory is written.
 */
export async function stageBundle(directory: string, options: StageOptions): Promise<StagedBundle> {
  const scan = await scanDirectory(directory, options.limits);
  if (scan.problems.length > 0) throw refused(scan.problems);
  const { files, known } = await setAsideManifests(scan.files, options.signal);
  const { format, main } = detectFormat(
    files.map(({ path }) => path),
    options.format,
  );
  const samples = files.filter(({ path }) => /^samples\/[^/]+\.json$/.test(path));
  for (const { path, size } of samples) {
    if (size > options.limits.sampleBytes) {
      throw new SlipwayError("tooLarge", `${path} has ${size} bytes; a sample has at most ${options.limits.sampleBytes}.`, {
        hint: "Use a smaller batch as a golden sample.",
      });
    }
  }

  const prepared = await prepareModel(format, main, { files, known }, options);
  const added = prepared?.files.map((file) => [`${environmentRoot}/${file.path}`, file] as const) ?? [];
  const placed = new Map([...files.map((file) => [inImage(file.path), file] as const), ...added]);
  const staged = await stageLayers(placed, known, options);
  const facts = await formatOf(format).inspect(stagedDirectory(staged.files, files), main, prepared?.facts);
  // Without a signature samples are checked where the model is loaded, which finds it out.
  const problems =
    facts.signature === undefined
      ? []
      : await checkSamples(
          staged.files,
          samples.map(({ path }) => path),
          facts.signature,
        );
  if (problems.length > 0) throw refused(problems);

  const config: BundleConfig = {
    ...facts,
    samples: samples.map(({ path }) => inImage(path)),
    files: bundleFiles(staged.files),
    layers: staged.layers.map(({ digest }) => digest),
  };
  const configBlob = await stageBytes(encodeBundleConfig(config), join(options.work, "config"));
  const manifest = encodeImageManifest({
    config: { digest: configBlob.digest, size: configBlob.size },
    layers: staged.layers.map(({ digest, size }) => ({ digest, size })),
  });
  const manifestBlob = await stageBytes(manifest, join(options.work, "manifest"));
  const blobs = [...staged.layers, configBlob, manifestBlob];
  return { digest: manifestBlob.digest, blobs, config, size: blobs.reduce((sum, { size }) => sum + size, 0) };
}

function bundleFiles(files: ReadonlyMap<string, StagedFile>): BundleFile[] {
  return [...files.values()].map(({ path, digest, size }) => ({ path, digest, size })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function stageLayers(
  sources: ReadonlyMap<string, FoundFile>,
  known: ReadonlyMap<string, Buffer>,
  { work, reuse, now, signal }: StageOptions,
): Promise<{ layers: StagedBlob[]; files: ReadonlyMap<string, StagedFile> }> {
  const plans = planLayers([...sources].map(([path, { size }]) => ({ path, size })));
  if (plans.length > layerLimit) {
    throw new SlipwayError(
      "tooLarge",
      `The model directory has ${plans.length} large files; a bundle has at most ${layerLimit} layers.`,
      {
        hint: "Join the weights into fewer files.",
      },
    );
  }
  const buffer = readBuffer();
  const read: ReadFile = async (file, take) => {
    const source = sources.get(file.path)!;
    const bytes = isEnvironmentPath(file.path) ? undefined : known.get(source.path);
    await (bytes === undefined ? readSourceFile(source, buffer, take, signal) : take(bytes));
  };
  const power = chunkPower(plans.reduce((sum, { size }) => sum + (size < chunkedFrom ? 0 : size), 0));
  const layers: StagedBlob[] = [];
  const files = new Map<string, StagedFile>();
  for (const [i, plan] of plans.entries()) {
    // Only a large file is worth remembering, and an environment, which is the same as long as its first file is; small ones are read again every time.
    const { path, size } = plan.files[0]!;
    const single = size < largeFile && !isEnvironmentPath(path) ? undefined : sources.get(path)!;
    const before = single === undefined ? undefined : await reuse.find(single, plan);
    const readAt = now();
    const [written, layer] =
      before === undefined
        ? await stageLayer(join(work, `layer-${i}`), plan, read, reuse, power)
        : [before, { digest: before.digest, size: plan.size, source: before.pieces }];
    if (before === undefined && single !== undefined) await reuse.record(single, plan, written, readAt);
    layers.push(layer);
    for (const [j, file] of plan.files.entries()) files.set(file.path, { ...file, digest: written.files[j]!, layer });
  }
  return { layers, files };
}

type ReadFile = Parameters<typeof writeLayer>[2];

/** Writes a layer: all of it, or, when the store has another content of the same large file, what that one has not. */
async function stageLayer(
  target: string,
  plan: LayerPlan,
  read: ReadFile,
  reuse: LayerReuse,
  power: number,
): Promise<[WrittenLayer, StagedBlob]> {
  const { size } = plan;
  const known =
    size < chunkedFrom || isEnvironmentPath(plan.files[0]!.path)
      ? undefined
      : await reuse.known(plan.files[0]!.path, size, power);
  if (known !== undefined) {
    const written = await writeChunkedLayer(target, plan, read, known);
    const { digest, pieces } = written;
    const pack = { ...written.pack, file: target };
    const staged = { digest, size, source: sourceOf(pieces, pack, reuse) };
    await reuse.learn(digest, power, written.chunks);
    if (pack.digest === digest) return [written, { ...staged, file: target }];
    if (!pieces.some(({ blob }) => blob === digest)) return [written, { ...staged, pieces, packs: pack.size > 0 ? [pack] : [] }];
    // The store has this very layer, as a blob: as it should be, or it is written anew.
    if (await reuse.isWhole(digest, plan)) return [written, staged];
    await rm(target);
  }
  const written = await writeNewFile(target, (file) => writeLayer((bytes) => file.append(bytes), plan, read));
  return [written, { digest: written.digest, size, source: whole(target, size), file: target }];
}

function sourceOf(pieces: readonly BlobPiece[], pack: BlobRef & { readonly file: string }, reuse: LayerReuse): Piece[] {
  return pieces.flatMap((piece) =>
    piece.blob === pack.digest ? { location: pack.file, offset: piece.offset, size: piece.size } : reuse.locate([piece]),
  );
}

function whole(location: string, size: number): Piece[] {
  return [{ location, offset: 0, size }];
}

async function stageBytes(bytes: Buffer, location: string): Promise<StagedBlob> {
  await writeFile(location, bytes, { flag: "wx", mode: 0o444, flush: true });
  const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { digest, size: bytes.length, source: whole(location, bytes.length), file: location };
}

function stagedDirectory(staged: ReadonlyMap<string, StagedFile>, found: readonly FoundFile[]): StagedDirectory {
  const withFile: StagedDirectory["withFile"] = async (path, use) => {
    const { layer, offset, size } = staged.get(inImage(path))!;
    const handle = await PieceFile.open(layer.source);
    try {
      return await use(handle.bytes(offset, size));
    } finally {
      await handle.close();
    }
  };
  return {
    files: new Map(found.map((file) => [file.path, file.size])),
    inImage,
    withFile,
    read: (path, limit) =>
      withFile(path, (source) => {
        if (source.size > limit) throw tooLargeToRead(path, source.size, limit);
        const bytes = Buffer.alloc(source.size);
        for (let at = 0; at < bytes.length; ) at += source.read(bytes.subarray(at), at);
        return bytes;
      }),
  };
}

async function checkSamples(
  staged: ReadonlyMap<string, StagedFile>,
  paths: readonly string[],
  signature: Signature,
): Promise<FieldProblem[]> {
  const problems: FieldProblem[] = [];
  for (const path of paths) {
    const { layer, offset, size } = staged.get(inImage(path))!;
    const handle = await PieceFile.open(layer.source);
    try {
      const bytes = Buffer.alloc(size);
      for (let at = 0; at < size; ) at += (await handle.read(bytes, at, size - at, offset + at)).bytesRead;
      problems.push(...checkSample(path, bytes, signature));
    } finally {
      await handle.close();
    }
  }
  return problems;
}
