import type { Answer } from "./run-case.ts";

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const time = /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
/** Times that the cases themselves write; the rest was written by a server. */
const written = /^2020-/;
const versionInText =
  /(resource ?version(?: in precondition| in object meta)?: |ResourceVersion in (?:the precondition|record) \()(\d+)/gi;
/** The oldest version kept, which the text of an expired one ends with. */
const oldestInText = /(too old resource version: \S+ \S+ )\(\d+\)/g;
const age = /^\d+s$/;

/**
 * Answers with everything that differs from run to run replaced: versions and times by their rank within the case, so that order and equality
 * stay, uids by their first appearance, saved values by their names. A list is at `<current>` if it is not older than any object seen before.
 */
export function normalise(answers: readonly Answer[], values: ReadonlyMap<string, string>): Answer[] {
  const seen: Seen = { versions: new Set(), times: new Set(), uids: new Map() };
  collect(answers as unknown as Json, seen);
  const versions = ranks([...seen.versions].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
  const times = ranks([...seen.times].sort());
  // Longer values first: one may hold another.
  const texts: [string, string][] = [
    ...[...seen.uids].map(([uid, rank]): [string, string] => [uid, `<uid ${rank}>`]),
    ...[...values]
      .filter(([, value]) => !seen.versions.has(value) && !seen.uids.has(value))
      .map(([name, value]): [string, string] => [value, `<${name}>`]),
  ].sort(([a], [b]) => b.length - a.length);
  const text = (value: string) => {
    const named = texts.reduce((whole, [from, to]) => whole.replaceAll(from, to), value);
    return named
      .replaceAll(time, (found) => (written.test(found) ? found : `<time ${times.get(found)}>`))
      .replaceAll(versionInText, (_, before: string, found: string) => `${before}<version ${versions.get(found) ?? "?"}>`)
      .replaceAll(oldestInText, "$1(<oldest>)");
  };
  let newest = 0n;
  const walk = (value: Json, inCells = false): Json => {
    if (typeof value === "string") return inCells && age.test(value) ? "<age>" : text(value);
    if (Array.isArray(value)) return value.map((item) => walk(item, inCells));
    if (value === null || typeof value !== "object") return value;
    // A list's own version comes after those of its items.
    const entries = Object.entries(value).map(([key, inner]): [string, Json] => [
      text(key),
      key === "metadata" ? inner : walk(inner, key === "cells"),
    ]);
    return Object.fromEntries(entries.map(([key, inner]) => [key, key === "metadata" ? metadata(value, inner) : inner]));
  };
  const metadata = (of: Json, value: Json): Json => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return walk(value);
    const version = value.resourceVersion;
    const rest = walk(without(value, "resourceVersion")) as { [key: string]: Json };
    const token = typeof value.continue === "string" && value.continue !== "" ? { continue: "<continue>" } : {};
    if (typeof version !== "string" || !/^\d+$/.test(version)) return { ...(walk(value) as object), ...token };
    if (isCollection(of)) {
      return { ...rest, ...token, resourceVersion: BigInt(version) >= newest ? "<current>" : "<older>" };
    }
    if (BigInt(version) > newest) newest = BigInt(version);
    return { ...rest, resourceVersion: `<version ${versions.get(version)}>` };
  };
  return answers.map((answer) => walk(answer as unknown as Json) as unknown as Answer);
}

interface Seen {
  readonly versions: Set<string>;
  readonly times: Set<string>;
  readonly uids: Map<string, number>;
}

function collect(value: Json, seen: Seen): void {
  if (typeof value === "string") {
    for (const [found] of value.matchAll(time)) if (!written.test(found)) seen.times.add(found);
    return;
  }
  if (value === null || typeof value !== "object") return;
  if (!Array.isArray(value)) {
    const { metadata } = value;
    if (typeof metadata === "object" && metadata !== null && !Array.isArray(metadata)) {
      const { uid, resourceVersion } = metadata;
      if (typeof uid === "string" && !seen.uids.has(uid)) seen.uids.set(uid, seen.uids.size + 1);
      if (typeof resourceVersion === "string" && /^\d+$/.test(resourceVersion) && !isCollection(value))
        seen.versions.add(resourceVersion);
    }
  }
  for (const inner of Object.values(value)) collect(inner, seen);
}

/** Whether the version in its metadata is one of the whole data, not of an object: a list, a table, or a bookmark, which is about no object. */
function isCollection(value: Json): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  if (typeof value.kind === "string" && (value.kind.endsWith("List") || value.kind === "Table")) return true;
  const { metadata } = value;
  return typeof metadata === "object" && metadata !== null && !Array.isArray(metadata) && metadata.name === undefined;
}

function ranks(sorted: readonly string[]): Map<string, number> {
  return new Map(sorted.map((value, index) => [value, index + 1]));
}

function without(value: { [key: string]: Json }, key: string): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}
