import { SlipwayError } from "@slipway/base";
import { tarBlock, tarPadding } from "../manifest/tar-header.ts";

/** One entry of somebody's archive: what a layer needs to know of it. */
export interface ReadEntry {
  /** Without a leading slash or `./`; folders without a slash at the end. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "hardlink";
  readonly mode: number;
  readonly content: Buffer;
  /** Target of a link; a hard link's is a path in the archive. */
  readonly link: string;
}

/** Bytes of one file that are taken into memory. */
const fileLimit = 2 ** 30;

/**
 * Reads a tar archive as Debian's and images' are: ustar with GNU's and POSIX's long names. Devices and FIFOs are left out. Throws
 * `invalid` for what is no such archive.
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry, void, undefined> {
  const input = new Input(chunks);
  let long: { path?: string; link?: string } = {};
  for (;;) {
    const header = await input.take(tarBlock, "at-end");
    // A block of zeros ends the archive; some end without.
    if (header === undefined || header.every((byte) => byte === 0)) break;
    const size = number(header, 124, 12);
    if (size > fileLimit) throw broken(`has a file of ${size} bytes`);
    const content = (await input.take(size))!;
    await input.take(tarPadding(size));
    const type = String.fromCharCode(header[156]!);
    if (type === "L") long = { ...long, path: text(content, 0, size) };
    else if (type === "K") long = { ...long, link: text(content, 0, size) };
    else if (type === "x") long = { ...long, ...paxNames(content) };
    else if (type !== "g") {
      const entry = kinds[type];
      if (entry !== undefined) {
        const prefix = text(header, 257, 6) === "ustar" ? text(header, 345, 155) : "";
        const name = long.path ?? (prefix === "" ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`);
        const link = long.link ?? text(header, 157, 100);
        yield { path: plain(name), type: entry, mode: number(header, 100, 8), content, link };
      }
      long = {};
    }
  }
  await input.drain();
}

const kinds: Readonly<Record<string, ReadEntry["type"]>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
};

/** A path as images have it; one that climbs out of the archive is refused. */
function plain(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw broken("has a path that leads out of it");
  return parts.join("/");
}

function paxNames(content: Buffer): { path?: string; link?: string } {
  const names: { path?: string; link?: string } = {};
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString("latin1", at, space));
    if (space < 0 || !Number.isSafeInteger(length) || length < space - at + 2 || at + length > content.length)
      throw broken("has a damaged extended header");
    const [key = "", ...value] = content.toString("utf8", space + 1, at + length - 1).split("=");
    if (key === "path") names.path = value.join("=");
    if (key === "linkpath") names.link = value.join("=");
    if (key === "size") throw broken("has a file that is too large for it");
    at += length;
  }
  return names;
}

function text(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
}

/** Octal text, or base 256 where the first bit is set. */
function number(bytes: Buffer, at: number, length: number): number {
  if ((bytes[at]! & 0x80) !== 0) return Number(bytes.readBigUInt64BE(at + length - 8));
  const digits = text(bytes, at, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw broken("has a header that is not one");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

class Input {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private buffered: Uint8Array[] = [];
  private size = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  /** Exactly this many bytes; undefined at the end of the input when that is allowed. */
  async take(length: number, end?: "at-end"): Promise<Buffer | undefined> {
    while (this.size < length) {
      const next = await this.iterator.next();
      if (next.done) {
        if (end === "at-end" && this.size === 0) return undefined;
        throw broken("ends early");
      }
      this.buffered.push(next.value);
      this.size += next.value.length;
    }
    const all = this.buffered.length === 1 ? this.buffered[0]! : Buffer.concat(this.buffered);
    this.buffered = [all.subarray(length)];
    this.size -= length;
    return Buffer.from(all.buffer, all.byteOffset, length);
  }

  /** Reads on to the end, so that whoever verifies the bytes sees all of them. */
  async drain(): Promise<void> {
    while (!(await this.iterator.next()).done);
  }
}

function broken(why: string): SlipwayError {
  return new SlipwayError("invalid", `A layer is not a tar archive that can be used: it ${why}.`);
}
