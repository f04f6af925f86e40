/** A file, folder or link of an image layer. Paths have no leading slash and at most 100 bytes. */
export interface TarEntry {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** A file's bytes; absent for folders and links. */
  readonly content?: Uint8Array;
  /** A symbolic link's target. */
  readonly link?: string;
}

const block = 512;

/** A tar archive of these entries, owned by root and without times: the same entries always give the same bytes. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const size = entry.content?.length ?? 0;
    parts.push(header(entry, size));
    if (entry.content !== undefined) parts.push(entry.content, Buffer.alloc((block - (size % block)) % block));
  }
  parts.push(Buffer.alloc(2 * block));
  return Buffer.concat(parts);
}

/** The POSIX ustar header. */
function header(entry: TarEntry, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  if (Buffer.byteLength(entry.path) > 100)
    throw new Error(`the path "${entry.path}" is longer than this writer allows (100 bytes)`);
  const octal = (value: number, at: number, width: number) => bytes.write(value.toString(8).padStart(width - 1, "0"), at);
  bytes.write(entry.path, 0);
  octal(entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  bytes.fill(" ", 148, 156);
  bytes.write(entry.link !== undefined ? "2" : entry.content !== undefined ? "0" : "5", 156);
  bytes.write(entry.link ?? "", 157);
  bytes.write("ustar\0" + "00", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}
