import type { FieldProblem } from "@slipway/base";
import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from "yaml";
import type { LocatedProblem } from "../output/problem.ts";

/** One document of a manifest file, and where each of its fields stands. */
export interface ManifestDocument {
  /** As the user named it; `-` is standard input. */
  readonly file: string;
  /** Where relative paths in it start: the file's directory. Absolute. */
  readonly directory: string;
  /** Plain JSON. */
  readonly value: unknown;
  /** The document as it was written, for printing it again with its comments. */
  readonly source: Document;
  /** Adds file, line and column of the field to a problem; of the nearest field around it when it is not there. */
  locate(problem: FieldProblem): LocatedProblem;
}

/** Finds fields by their kubectl-style path, e.g. `spec.traffic[0].revision`. */
export function locator(file: string, root: Node | null, lines: LineCounter): (problem: FieldProblem) => LocatedProblem {
  return (problem) => {
    const offset = find(root, problem.path.replace(/^\./, "")) ?? root?.range?.[0] ?? 0;
    const { line, col } = lines.linePos(offset);
    return { ...problem, file, line, column: col };
  };
}

/** Offset of the deepest field on the way to `path`; undefined when not even the first step is there. */
function find(node: unknown, path: string): number | undefined {
  const item = /^\[(\d+)\]\.?/.exec(path);
  if (item !== null && isSeq(node)) {
    const child = node.items[Number(item[1])] as Node | undefined;
    if (child === undefined) return undefined;
    return find(child, path.slice(item[0].length)) ?? child.range?.[0];
  }
  if (!isMap(node)) return undefined;
  // A key may have dots in it (`slipway.dev/owner`), so the longest key that the path starts with is the one meant.
  let best: { pair: Pair; key: string } | undefined;
  for (const pair of node.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
    if (key === undefined || (best !== undefined && best.key.length >= key.length)) continue;
    if (step(path, key) !== undefined) best = { pair, key };
  }
  if (best === undefined) return undefined;
  return find(best.pair.value, step(path, best.key) ?? "") ?? (best.pair.key as Node).range?.[0];
}

/** What is left of `path` after `key`, in any of the ways a key is written: `key`, `key.…`, `key[…`, `[key]`, `["key"]`. */
function step(path: string, key: string): string | undefined {
  for (const written of [key, `[${key}]`, `["${key}"]`]) {
    if (!path.startsWith(written)) continue;
    const rest = path.slice(written.length);
    if (rest === "" || rest.startsWith("[")) return rest;
    if (rest.startsWith(".")) return rest.slice(1);
  }
  return undefined;
}
