import { posix } from "node:path";
import { type Elf, readElf } from "./elf.ts";

/** A file of an image, as far as it is looked at: links, and what ELF files say. */
export interface TreeFile {
  readonly path: string;
  readonly link?: string;
  readonly elf?: Elf;
  /** The ELF file is damaged. */
  readonly damaged?: true;
}

/** What a layer puts into the tree. */
export interface TreeEntry {
  readonly path: string;
  readonly link?: string;
  readonly content?: Uint8Array;
}

const mostLinks = 40;
const whiteout = ".wh.";

/** The files of an image, layer over layer, as a container sees them. */
export class FileTree {
  private readonly files = new Map<string, TreeFile>();

  /** Adds an entry of the next layer. */
  add({ path, link, content }: TreeEntry): void {
    const plain = path.replace(/\/+$/, "");
    const name = posix.basename(plain);
    if (name.startsWith(whiteout)) {
      const folder = posix.dirname(plain);
      this.remove(name === ".wh..wh..opq" ? folder : posix.join(folder, name.slice(whiteout.length)));
      return;
    }
    this.files.set(plain, { path: plain, ...(link === undefined ? {} : { link }), ...(content && elfOf(content)) });
  }

  /** Lets a path be another's file: a hard link. */
  share(path: string, target: string): void {
    const file = this.files.get(target);
    if (file !== undefined) this.files.set(path, { ...file, path });
  }

  /** The ELF files. */
  elfFiles(): TreeFile[] {
    return [...this.files.values()].filter(({ elf, damaged }) => elf !== undefined || damaged);
  }

  /** The file at a path, with every link on the way followed. */
  find(path: string): TreeFile | undefined {
    let rest = path.split("/").filter((part) => part !== "");
    let at: string[] = [];
    for (let links = 0; rest.length > 0; ) {
      const [part = "", ...after] = rest;
      rest = after;
      if (part === "..") at.pop();
      if (part === "." || part === "..") continue;
      const { link } = this.files.get([...at, part].join("/")) ?? {};
      if (link === undefined) {
        at.push(part);
        continue;
      }
      if (++links > mostLinks) return undefined;
      if (link.startsWith("/")) at = [];
      rest = [...link.split("/").filter((each) => each !== ""), ...rest];
    }
    return this.files.get(at.join("/"));
  }

  private remove(path: string): void {
    for (const known of this.files.keys()) if (known === path || known.startsWith(`${path}/`)) this.files.delete(known);
  }
}

function elfOf(content: Uint8Array): { elf?: Elf; damaged?: true } {
  try {
    const elf = readElf(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
    return elf === undefined ? {} : { elf };
  } catch {
    return { damaged: true };
  }
}
