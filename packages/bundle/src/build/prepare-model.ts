import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "@slipway/base";
import { formatOf } from "../formats/formats.ts";
import type { Format, ModelFacts, Prepared } from "../formats/model-format.ts";
import { imageRoot } from "../manifest/file-path.ts";
import type { FoundFile } from "./scan-directory.ts";
import type { Content } from "./set-aside-manifests.ts";
import { readBuffer, readSourceFile } from "./source-file.ts";
import type { StageOptions } from "./stage-bundle.ts";

/** What the model needs beside its own files; undefined for formats that need nothing. */
export async function prepareModel(
  format: Format,
  main: string,
  { files, known }: Content,
  { cache, work, signal }: StageOptions,
): Promise<Prepared<ModelFacts> | undefined> {
  const { prepare: make } = formatOf(format);
  if (make === undefined) return undefined;
  if (cache === undefined)
    throw new SlipwayError("invalid", "There is no place to keep the model's packages between builds.", {
      hint: "Set HOME or XDG_CACHE_HOME to an absolute path.",
    });
  const folder = join(work, "environment");
  await mkdir(folder);
  const found = {
    files: new Map(files.map((file) => [file.path, file.size])),
    inImage,
    read: (path: string, limit: number) => readFound(files.find((file) => file.path === path)!, known, limit, signal),
  };
  return await make(found, main, { cache, work: folder, signal });
}

async function readFound(
  file: FoundFile,
  known: Content["known"],
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  if (file.size > limit) throw tooLargeToRead(file.path, file.size, limit);
  const chunks: Buffer[] = [];
  const before = known.get(file.path);
  if (before !== undefined) return before;
  await readSourceFile(file, readBuffer(), async (chunk) => void chunks.push(Buffer.from(chunk)), signal);
  return Buffer.concat(chunks);
}

/** The error for a file of which more would have to be read than is. */
export function tooLargeToRead(path: string, size: number, limit: number): SlipwayError {
  return new SlipwayError("tooLarge", `${path} has ${size} bytes; at most ${limit} of such a file are read.`);
}

/** Where a file of a model directory lies in the image. */
export function inImage(path: string): string {
  return `${imageRoot}/${path}`;
}
