import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { SlipwayError } from "@slipway/base";
import { type FoundFile, refused } from "./scan-directory.ts";

const chunkBytes = 2 ** 20;

/** Fields that change with a file's content; the change time cannot be set back by a program. */
export function sameFile(a: BigIntStats, b: BigIntStats): boolean {
  return (
    a.dev === b.dev &&
    a.ino === b.ino &&
    a.size === b.size &&
    a.mode === b.mode &&
    a.nlink === b.nlink &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs
  );
}

/**
 * Reads a found file once, from start to end, handing each chunk to `take` (which must be done with it when its promise settles); the next
 * chunk is read meanwhile, into the buffer's other half. Throws `conflict` when the file is not what was found, or changes meanwhile.
 */
export async function readSourceFile(
  file: FoundFile,
  buffer: Buffer,
  take: (chunk: Buffer) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const handle = await openSource(file);
  const half = buffer.length / 2;
  const halves = [buffer.subarray(0, half), buffer.subarray(half)] as const;
  let reading: Promise<{ bytesRead: number }> | undefined;
  try {
    let at = 0;
    reading = handle.read(halves[0], 0, half, at);
    for (let turn = 0; ; turn++) {
      const { bytesRead } = await reading;
      reading = undefined;
      signal?.throwIfAborted();
      if (bytesRead === 0) break;
      at += bytesRead;
      if (at > file.size) throw changed(file.path);
      reading = handle.read(halves[(turn + 1) % 2]!, 0, half, at);
      await take(halves[turn % 2]!.subarray(0, bytesRead));
    }
    if (at !== file.size || !sameFile(file.stat, await handle.stat({ bigint: true }))) throw changed(file.path);
  } finally {
    // The file must not be closed under a read, which would then read another one.
    await reading?.catch(() => {});
    await handle.close();
  }
}

/** A buffer of the size {@link readSourceFile} reads well with. */
export function readBuffer(): Buffer {
  return Buffer.allocUnsafe(2 * chunkBytes);
}

async function openSource(file: FoundFile): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    // Not through a link, and not waiting for a writer, should a link or FIFO have taken the file's place.
    handle = await open(file.location, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (caught) {
    const code = (caught as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM") {
      throw refused([{ path: file.path, message: "It may not be read by this user.", reason: "FieldValueForbidden" }]);
    }
    if (code === "ENOENT" || code === "ELOOP") throw changed(file.path);
    throw caught;
  }
  if (sameFile(file.stat, await handle.stat({ bigint: true }))) return handle;
  await handle.close();
  throw changed(file.path);
}

function changed(path: string): SlipwayError {
  return new SlipwayError("conflict", `${path} changed while the bundle was being built.`, {
    hint: "Build again when nothing writes to the model directory any more.",
  });
}
