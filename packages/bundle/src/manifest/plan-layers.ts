import { isEnvironmentPath } from "./file-path.ts";
import { tarBlock, tarPadding } from "./tar-header.ts";

/** A file of at least this many bytes is a layer of its own, so that a change elsewhere never moves it again. */
export const largeFile = 2 ** 20;

/** A file in a layer: its bytes start at `offset`, its header one block before. */
export interface PlacedFile {
  readonly path: string;
  readonly size: number;
  readonly offset: number;
}

/** One uncompressed tar. */
export interface LayerPlan {
  readonly files: readonly PlacedFile[];
  /** Bytes of the whole layer, end marker included. */
  readonly size: number;
}

function place(files: readonly { path: string; size: number }[]): LayerPlan {
  let at = 0;
  const placed = files.map(({ path, size }) => {
    const offset = at + tarBlock;
    at = offset + size + tarPadding(size);
    return { path, size, offset };
  });
  return { files: placed, size: at + 2 * tarBlock };
}

/**
 * Which file lies where: all small files in the first layer, then each large one in its own, by path in code unit order, then the whole
 * environment in one, which only another lock changes. Paths and sizes
 * alone decide, so builder and reader agree without asking the tar. Part of format version 1: a change here needs a new version.
 */
export function planLayers(files: readonly { path: string; size: number }[]): LayerPlan[] {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const own = sorted.filter(({ path }) => !isEnvironmentPath(path));
  const environment = sorted.filter(({ path }) => isEnvironmentPath(path));
  const small = own.filter((file) => file.size < largeFile);
  const large = own.filter((file) => file.size >= largeFile);
  const together = [small, environment].map((files) => (files.length === 0 ? [] : [place(files)]));
  return [...together[0]!, ...large.map((file) => place([file])), ...together[1]!];
}
