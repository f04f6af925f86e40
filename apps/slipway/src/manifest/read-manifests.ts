import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { CliContext } from "../commands/context.ts";
import type { ManifestDocument } from "./manifest-document.ts";
import { parseYaml } from "./parse-yaml.ts";

/** Most bytes of one manifest file or of standard input; an object in the store may have 1.5 MB. */
const mostBytes = 3 * 1024 * 1024;

/** All documents of files, directories (their `*.yaml`, `*.yml` and `*.json`, sorted, not the folders inside) and `-`, in that order. */
export async function readManifests(context: CliContext, names: readonly string[]): Promise<ManifestDocument[]> {
  const documents: ManifestDocument[] = [];
  const problems: SlipwayError["problems"][number][] = [];
  for (const name of names) {
    for (const file of await filesOf(context, name)) {
      const text = await readText(context, file);
      try {
        documents.push(...parseYaml({ text, file, directory: file === "-" ? context.cwd : dirname(resolve(context.cwd, file)) }));
      } catch (caught) {
        if (!(caught instanceof SlipwayError) || caught.code !== "invalid") throw caught;
        problems.push(...caught.problems);
      }
    }
  }
  if (problems.length > 0)
    throw new SlipwayError("invalid", "Not every manifest can be read; nothing was changed.", { problems });
  if (documents.length === 0) {
    throw new SlipwayError("invalid", `There is no manifest in ${names.map(shown).join(", ")}.`, {
      hint: "A manifest is a YAML document with apiVersion, kind, metadata and spec.",
    });
  }
  return documents;
}

/** Everything from a file or, for `-`, from standard input, as text. At most {@link limit} bytes of UTF-8. */
export async function readText(context: CliContext, name: string, limit = mostBytes): Promise<string> {
  const bytes = await readBytes(context, name, limit);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SlipwayError("invalid", `${shown(name)} is not UTF-8 text.`);
  }
}

/** Everything from a file or, for `-`, from standard input. */
export async function readBytes(context: CliContext, name: string, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = name === "-" ? context.stdin : createReadStream(resolve(context.cwd, name));
  try {
    for await (const chunk of untilAborted(stream, context.signal)) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > limit) throw new SlipwayError("tooLarge", `${shown(name)} has more than ${limit} bytes, the most that is read.`);
    }
  } catch (caught) {
    throw unreadable(name, caught);
  }
  return Buffer.concat(chunks);
}

/** Ends with the signal's reason although the stream still waits, as a terminal does for input. */
async function* untilAborted(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {});
  const stop = () => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const iterator = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stopped.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    if (!signal.aborted) await iterator.return?.();
  }
}

async function filesOf(context: CliContext, name: string): Promise<string[]> {
  if (name === "-") return [name];
  const path = resolve(context.cwd, name);
  try {
    if (!(await stat(path)).isDirectory()) return [name];
    const found = (await readdir(path)).filter((entry) => /\.(ya?ml|json)$/i.test(entry)).sort();
    if (found.length === 0) throw new SlipwayError("notFound", `The directory ${name} has no *.yaml, *.yml or *.json file.`);
    return found.map((entry) => join(name, entry));
  } catch (caught) {
    throw unreadable(name, caught);
  }
}

function unreadable(name: string, caught: unknown): unknown {
  const code = (caught as { code?: unknown }).code;
  if (caught instanceof SlipwayError || typeof code !== "string") return caught;
  if (code === "ENOENT") return new SlipwayError("notFound", `There is no file ${name}.`, { cause: caught });
  if (code === "EISDIR") return new SlipwayError("usage", `${name} is a directory; a file is needed.`, { cause: caught });
  return new SlipwayError("internal", `${name} cannot be read: ${code}.`, { cause: caught });
}

function shown(name: string): string {
  return name === "-" ? "standard input" : name;
}
