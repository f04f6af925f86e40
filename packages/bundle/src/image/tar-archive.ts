import { tarBlock, tarHeader, tarPadding } from "../manifest/tar-header.ts";

/** A file, folder or symbolic link of an image layer. Paths have no leading slash; folders end with one. */
export interface TarEntry {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** A file's bytes; absent for folders and links. */
  readonly content?: Uint8Array;
  /** A symbolic link's target. */
  readonly link?: string;
}

/** A tar archive of these entries, owned by root and without times: the same entries, in the same order, always give the same bytes. */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { path, mode, content, link } of entries) {
    const size = content?.length ?? 0;
    const type = link !== undefined ? "2" : content !== undefined ? "0" : "5";
    parts.push(tarHeader(path, size, { mode, type, ...(link === undefined ? {} : { link }) }));
    if (content !== undefined) parts.push(content, Buffer.alloc(tarPadding(size)));
  }
  parts.push(Buffer.alloc(2 * tarBlock));
  return Buffer.concat(parts);
}

/** Entries in the order of their paths, so that a folder comes before what is in it. */
export function inOrder(entries: readonly TarEntry[]): TarEntry[] {
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
