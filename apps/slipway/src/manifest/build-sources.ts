import { resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { Bundle, BundleStore } from "@slipway/bundle";
import type { Manifest } from "@slipway/spec";
import { buildBundle } from "../documents/build-bundle.ts";
import type { LocatedProblem } from "../output/problem.ts";
import { buildSource, type SourceContext } from "../sources/build-source.ts";
import type { ValidManifest } from "./validate-manifests.ts";

/** A manifest as the API takes it: its source is a digest. */
export interface BuiltManifest extends ValidManifest {
  /** The bundle made of `spec.source.path` or `uri`; absent when the manifest has a digest, or no source. */
  readonly bundle?: Bundle;
  /** What the path or the address was replaced by; absent when nothing was. */
  readonly source?: DigestSource;
}

/** A source as the API takes it. */
export interface DigestSource {
  readonly bundle: string;
  /** The image that runs the bundle in a cluster. */
  readonly image?: string;
  /** What the bundle needs of where it runs, as JSON. */
  readonly contract?: string;
  /** Sigstore bundles as JSON. */
  readonly signatures?: readonly string[];
}

/** Builds every `spec.source.path` and `uri` into the store and puts the digest in its place. Throws `invalid` with every directory that cannot be built, and everything that the runner of its format would refuse. */
export async function buildSources(
  context: SourceContext,
  manifests: readonly ValidManifest[],
  store: BundleStore,
): Promise<BuiltManifest[]> {
  const built: BuiltManifest[] = [];
  const problems: LocatedProblem[] = [];
  let hint: string | undefined;
  for (const entry of manifests) {
    const { path, uri } = sourceOf(entry);
    if (path === undefined && uri === undefined) {
      built.push(entry);
      continue;
    }
    try {
      const { name } = entry.configuration.metadata;
      const { directory } = entry.document;
      const bundle = await (uri === undefined
        ? buildBundle(context, store, resolve(directory, path!), { name })
        : buildSource(context, store, uri, directory, { name }));
      problems.push(...(await runnerRefusals(entry, bundle)));
      const {
        path: _path,
        uri: _uri,
        ...source
      } = (entry.configuration.spec as { source: { path?: string; uri?: string } }).source;
      built.push({ ...withSource(entry, { ...source, bundle: bundle.digest }), bundle });
    } catch (caught) {
      const error = caught instanceof SlipwayError ? caught : undefined;
      if (error === undefined || !["invalid", "notFound", "tooLarge", "badRequest"].includes(error.code)) throw caught;
      hint ??= error.hint;
      const rest = error.problems.map((problem) => ` ${problem.path}: ${problem.message}`).join("");
      const at = path === undefined ? "spec.source.uri" : "spec.source.path";
      const problem = { path: at, message: `${error.message}${rest}`, reason: "FieldValueInvalid" } as const;
      problems.push(entry.document.locate(problem));
    }
  }
  if (problems.length > 0) {
    throw new SlipwayError("invalid", "Not every model can be built and run; nothing was changed.", {
      problems,
      ...(hint && { hint }),
    });
  }
  return built;
}

/** What the format of a bundle cannot be run with: said here, where the format is known first, instead of by a replica that does not start. */
async function runnerRefusals(entry: ValidManifest, bundle: Bundle): Promise<LocatedProblem[]> {
  const { resources, parameters } = (entry.manifest as Manifest<"Model">).spec;
  const { runnerTable } = await import("@slipway/serve");
  const refused = runnerTable[bundle.manifest.format].refusals({
    ...(parameters === undefined ? {} : { parameters }),
    ...(resources?.gpu === undefined ? {} : { device: resources.gpu.name }),
  });
  return refused.map((problem) => entry.document.locate(problem));
}

/** Where a manifest says that its model is to be built from, if it does. */
export function sourceOf(entry: ValidManifest): { readonly path?: string; readonly uri?: string } {
  return entry.kind === "Model" ? (entry.manifest as Manifest<"Model">).spec.source : {};
}

/** The manifest with digests in its source. */
export function withSource<T extends ValidManifest>(entry: T, source: DigestSource): T & { readonly source: DigestSource } {
  const spec = { ...(entry.configuration.spec as object), source: { ...source } };
  return { ...entry, source, configuration: { ...entry.configuration, spec } };
}
