/** What an ELF file says about where it can run; https://refspecs.linuxfoundation.org/elf/elf.pdf and the GNU symbol versioning. */
export interface Elf {
  /** `e_machine`, e.g. 62 for x86-64. */
  readonly machine: number;
  /** The program that loads it; only programs have one. */
  readonly interpreter?: string;
  /** Names of the libraries it needs. */
  readonly needed: readonly string[];
  /** Folders it wants them looked for in, before the system's; may begin with `$ORIGIN`. */
  readonly searchPath: readonly string[];
  /** Versions it needs, by library: `libc.so.6` → `GLIBC_2.34`. */
  readonly versionsNeeded: ReadonlyMap<string, readonly string[]>;
  /** Versions it provides. */
  readonly versions: ReadonlySet<string>;
}

const segment = { load: 1, dynamic: 2, interpreter: 3 };
const tag = { needed: 1, strings: 5, runPathOld: 15, runPath: 29, versionDefinitions: 0x6ffffffc, versionNeeds: 0x6ffffffe };

/** Reads a 64-bit little-endian ELF file; undefined for bytes that are none. Throws `RangeError` for one that is damaged. */
export function readElf(bytes: Buffer): Elf | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const machine = bytes.readUInt16LE(18);
  const nothing = { machine, needed: [], searchPath: [], versionsNeeded: new Map(), versions: new Set<string>() };
  if (bytes[4] !== 2 || bytes[5] !== 1) return nothing;
  const segments = programHeaders(bytes);
  const interpreter = segments.find(({ type }) => type === segment.interpreter);
  const dynamic = segments.find(({ type }) => type === segment.dynamic);
  const name = interpreter && textAt(bytes, interpreter.offset);
  if (dynamic === undefined) return { ...nothing, ...(name === undefined ? {} : { interpreter: name }) };

  const entries = dynamicEntries(bytes, dynamic.offset, dynamic.size);
  const place = (address: number) => {
    const home = segments.find(
      (each) => each.type === segment.load && address >= each.address && address < each.address + each.size,
    );
    if (home === undefined) throw new RangeError("An address of the ELF file is in none of its segments.");
    return address - home.address + home.offset;
  };
  const first = (wanted: number) => entries.find((entry) => entry.tag === wanted)?.value;
  const stringsAt = first(tag.strings);
  if (stringsAt === undefined) return { ...nothing, ...(name === undefined ? {} : { interpreter: name }) };
  const strings = place(stringsAt);
  const text = (offset: number) => textAt(bytes, strings + offset);
  const all = (wanted: number) => entries.filter((entry) => entry.tag === wanted).map(({ value }) => text(value));
  // A run path makes the old one void.
  const paths = first(tag.runPath) === undefined ? all(tag.runPathOld) : all(tag.runPath);
  const needs = first(tag.versionNeeds);
  const definitions = first(tag.versionDefinitions);
  return {
    machine,
    ...(name === undefined ? {} : { interpreter: name }),
    needed: all(tag.needed),
    searchPath: paths.flatMap((list) => list.split(":")).filter((path) => path !== ""),
    versionsNeeded: needs === undefined ? new Map() : versionNeeds(bytes, place(needs), text),
    versions: definitions === undefined ? new Set() : versionDefinitions(bytes, place(definitions), text),
  };
}

function programHeaders(bytes: Buffer) {
  const start = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, i) => {
    const at = start + i * size;
    return {
      type: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      address: Number(bytes.readBigUInt64LE(at + 16)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
    };
  });
}

function dynamicEntries(bytes: Buffer, offset: number, size: number) {
  const entries: { tag: number; value: number }[] = [];
  for (let at = offset; at + 16 <= offset + size; at += 16) {
    const entry = { tag: Number(bytes.readBigInt64LE(at)), value: Number(bytes.readBigUInt64LE(at + 8)) };
    if (entry.tag === 0) break;
    entries.push(entry);
  }
  return entries;
}

/** Chains of a table whose entries say how far the next one is; nothing in it may be longer than the file. */
function* chain(start: number, nextOf: (at: number) => number, limit: number): Generator<number> {
  for (let at = start, steps = 0; ; steps++) {
    if (steps > limit) throw new RangeError("A table of the ELF file does not end.");
    yield at;
    const next = nextOf(at);
    if (next === 0) return;
    at += next;
  }
}

function versionNeeds(bytes: Buffer, start: number, text: (offset: number) => string): Map<string, string[]> {
  const needs = new Map<string, string[]>();
  for (const at of chain(start, (each) => bytes.readUInt32LE(each + 12), bytes.length)) {
    const versions: string[] = [];
    for (const version of chain(at + bytes.readUInt32LE(at + 8), (each) => bytes.readUInt32LE(each + 12), bytes.length)) {
      const weak = (bytes.readUInt16LE(version + 4) & 2) !== 0;
      if (!weak) versions.push(text(bytes.readUInt32LE(version + 8)));
    }
    const library = text(bytes.readUInt32LE(at + 4));
    needs.set(library, [...(needs.get(library) ?? []), ...versions]);
  }
  return needs;
}

function versionDefinitions(bytes: Buffer, start: number, text: (offset: number) => string): Set<string> {
  const versions = new Set<string>();
  for (const at of chain(start, (each) => bytes.readUInt32LE(each + 16), bytes.length)) {
    versions.add(text(bytes.readUInt32LE(at + bytes.readUInt32LE(at + 12))));
  }
  return versions;
}

function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  if (at < 0 || at >= bytes.length || end < 0) throw new RangeError("A text of the ELF file is not in it.");
  return bytes.toString("latin1", at, end);
}
