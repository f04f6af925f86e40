import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultBundleLimits } from "../build/bundle-limits.ts";
import { decodeBundleConfig } from "../manifest/bundle-config.ts";
import type { BundleFile, BundleManifest } from "../manifest/bundle-manifest.ts";
import { damaged } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import { configLimit, decodeImageManifest, manifestLimit } from "../manifest/image-manifest.ts";

/** Where a runnable image keeps the two documents of its bundle, byte for byte, under its root. */
export const imageBundlePath = "slipway/bundle";

/**
 * The bundle in a runnable image whose file system begins at `root`: its manifest's paths are relative to that. Everything is verified: documents and files have the
 * digests they must have. Throws `invalid` for anything else, and when the image has no bundle.
 */
export async function readImageBundle(root: string): Promise<BundleManifest> {
  const folder = join(root, imageBundlePath);
  const manifest = await document(join(folder, "manifest.json"), manifestLimit);
  const image = decodeImageManifest(manifest);
  const text = await document(join(folder, "config.json"), configLimit);
  if (digestOf(text) !== image.config.digest) throw damaged("its config has not the digest that its manifest says");
  const { layers: _, ...facts } = decodeBundleConfig(text, defaultBundleLimits);
  for (const file of facts.files) await verify(root, file);
  const size = facts.files.reduce((sum, file) => sum + file.size, 0);
  return { digest: digestOf(manifest), ...facts, size };
}

async function document(path: string, limit: number): Promise<Buffer> {
  const size = await lstat(path).then(
    (stat) => (stat.isFile() ? stat.size : undefined),
    () => undefined,
  );
  if (size === undefined) throw damaged(`the image has no file ${path}`);
  if (size > limit) throw damaged(`${path} is too large`);
  return readFile(path);
}

async function verify(root: string, { path, size, digest }: BundleFile): Promise<void> {
  const location = join(root, path);
  const stat = await lstat(location).catch(() => undefined);
  if (stat?.isFile() !== true) throw damaged(`its file ${path} is missing`);
  if (stat.size !== size) throw damaged(`its file ${path} has ${stat.size} bytes instead of ${size}`);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(location, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  if (`sha256:${hash.digest("hex")}` !== digest) throw damaged(`its file ${path} has been changed`);
}

function digestOf(bytes: Buffer): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
