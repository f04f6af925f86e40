/** Tar counts in blocks of this many bytes. */
export const tarBlock = 512;

/** Largest size eleven octal digits hold; above it the number is written in base 256, as GNU tar, Go and libarchive read it. */
const octalLimit = 8 ** 11 - 1;

/** Where a path splits into ustar's prefix (155 bytes) and name (100 bytes); undefined when no slash allows it. */
function split(path: string): { prefix: string; name: string } | undefined {
  if (path.length <= 100) return { prefix: "", name: path };
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    if (path.length - at - 1 > 100) return undefined;
    if (at <= 155) return { prefix: path.slice(0, at), name: path.slice(at + 1) };
  }
  return undefined;
}

/** Whether `path` (ASCII) fits into a ustar header without extensions. */
export function fitsTarHeader(path: string): boolean {
  return split(path) !== undefined;
}

/** What a header says beside path and size. */
export interface TarKind {
  /** Permission bits. */
  readonly mode: number;
  /** As in the format: `0` a file, `2` a symbolic link, `5` a directory. */
  readonly type: "0" | "2" | "5";
  /** A symbolic link's target, at most 100 bytes. */
  readonly link?: string;
}

/**
 * The one header a file of this path and size has in a layer: POSIX ustar, mode 0644, owner 0, time 0. Nothing of the machine that
 * built it enters, so a reader can demand these very bytes instead of parsing whatever is there.
 */
export function tarHeader(path: string, size: number, { mode, type, link = "" }: TarKind = { mode: 0o644, type: "0" }): Buffer {
  const parts = split(path);
  if (parts === undefined || link.length > 100) throw new RangeError("The path does not fit into a tar header.");
  const header = Buffer.alloc(tarBlock);
  header.write(parts.name, 0, "latin1");
  header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100, "latin1");
  header.write("0000000\0", 108, "latin1");
  header.write("0000000\0", 116, "latin1");
  if (size <= octalLimit) header.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write("00000000000\0", 136, "latin1");
  header.write("        ", 148, "latin1");
  header.write(type, 156, "latin1");
  header.write(link, 157, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  header.write("0000000\0", 329, "latin1");
  header.write("0000000\0", 337, "latin1");
  header.write(parts.prefix, 345, "latin1");
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** Zero bytes after a file of `size` bytes, up to the next block. */
export function tarPadding(size: number): number {
  return (tarBlock - (size % tarBlock)) % tarBlock;
}
