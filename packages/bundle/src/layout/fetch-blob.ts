import { createHash } from "node:crypto";
import { chmod, type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { damaged } from "../manifest/decode.ts";
import type { BlobRef } from "../manifest/image-manifest.ts";
import { readRange } from "./blob-reader.ts";
import { makeFolder } from "./make-folder.ts";

/** Fewer bytes are not worth keeping for another try. */
const worthKeeping = 2 ** 20;

/**
 * Fetches a blob into a new file; its bytes must have its digest and size, and more of them are not even read. What came before a transfer
 * was interrupted is kept at `partial`, and the next one continues there. `from` gives the bytes from some byte on.
 */
export async function fetchBlob(
  target: string,
  blob: BlobRef,
  partial: string,
  from: (at: number) => AsyncIterable<Uint8Array>,
): Promise<void> {
  // Kept by a process that ended after its last byte, it may only be read.
  await chmod(partial, 0o600).catch(() => {});
  const before = await rename(partial, target).then(
    () => true,
    () => false,
  );
  const handle = await open(target, before ? "r+" : "wx+", 0o600);
  let at = 0;
  try {
    for (let fresh = !before; ; fresh = true) {
      if (fresh) await handle.truncate(0);
      try {
        await append(handle, blob, from, (bytes) => {
          at = bytes;
        });
        break;
      } catch (caught) {
        // What was kept may have been bad: once more, from the start.
        if (fresh || (caught as { code?: unknown }).code !== "invalid") throw caught;
      }
    }
    await handle.chmod(0o444);
    await handle.sync();
  } catch (caught) {
    await keep(caught, at, target, partial);
    throw caught;
  } finally {
    await handle.close();
  }
}

async function append(
  handle: FileHandle,
  { digest, size }: BlobRef,
  from: (at: number) => AsyncIterable<Uint8Array>,
  reached: (at: number) => void,
): Promise<void> {
  const hash = createHash("sha256");
  let { size: at } = await handle.stat();
  if (at > size) throw damaged(`the bytes of ${digest} are more than its ${size}`);
  for await (const chunk of readRange(handle, 0, at)) hash.update(chunk);
  reached(at);
  if (at < size || size === 0) {
    for await (const chunk of from(at)) {
      if (at + chunk.length > size) throw damaged(`the bytes of ${digest} are more than its ${size}`);
      const written = writeAll(handle, chunk, at);
      hash.update(chunk);
      await written;
      at += chunk.length;
      reached(at);
    }
  }
  if (at !== size || `sha256:${hash.digest("hex")}` !== digest)
    throw damaged(`the bytes that came for ${digest} are not its own`);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

/** Keeps what came, unless it is wrong or there is no room for it. */
async function keep(caught: unknown, at: number, target: string, partial: string): Promise<void> {
  const useless = ["invalid", "tooLarge", "ENOSPC", "EDQUOT"].includes(String((caught as { code?: unknown }).code));
  if (!useless && at >= worthKeeping) {
    await makeFolder(dirname(partial));
    await rename(target, partial);
  } else await rm(target, { force: true });
}
