import { copyFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import {
  type BuildOptions,
  type Bundle,
  type BundleStore,
  fetchFiles,
  findBundle,
  listSource,
  parseReference,
  parseSourceUri,
  pullReferrers,
  SourceClient,
  type SourceUri,
  sourceKey,
} from "@slipway/bundle";
import type { CliContext } from "../commands/context.ts";
import { type BuildContext, buildBundle } from "../documents/build-bundle.ts";
import { proxiesIn, withRegistry } from "../image/registry-session.ts";
import { transfer } from "../image/transfer.ts";
import { hubAccess, mlflowAccess, s3Access } from "./source-access.ts";

/** What it takes to build something that may have to be fetched. */
export type SourceContext = BuildContext & Pick<CliContext, "stderr">;

type Options = Omit<BuildOptions, "signal">;

/**
 * The bundle of what a source's address leads to now: fetched when its server does not say that it is what it was, verified, and built as a
 * directory is. `file:` is relative to `directory`.
 */
export async function buildSource(
  context: SourceContext,
  store: BundleStore,
  text: string,
  directory: string,
  options: Options = {},
): Promise<Bundle> {
  const uri = parseSourceUri(text);
  if (uri.scheme === "file") return buildFile(context, store, resolve(directory, uri.path), options);
  if (uri.scheme === "oci") return pullBundle(context, store, uri.reference, options);
  return buildFetched(context, store, uri, options);
}

async function buildFile(context: SourceContext, store: BundleStore, path: string, options: Options): Promise<Bundle> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return buildBundle(context, store, path, options);
  return store.withFolder(async (folder) => {
    await copyFile(path, join(folder, basename(path)));
    return buildBundle(context, store, folder, options);
  });
}

async function pullBundle(context: SourceContext, store: BundleStore, text: string, { name }: Options): Promise<Bundle> {
  const reference = parseReference(text);
  return withRegistry(context, {}, async (client) => {
    const { signal, progress, say } = transfer(context, "fetching");
    const { digest, origin } = await findBundle(client, reference, signal);
    const settings = { signal, ...(progress && { progress }), ...(name === undefined ? {} : { name }) };
    const bundle = await store.receive(digest, async () => origin, settings);
    say("");
    for (const { kind, content } of await pullReferrers(client, reference, digest, signal))
      await store.referrers.attach(digest, kind, content);
    return bundle;
  });
}

async function buildFetched(
  context: SourceContext,
  store: BundleStore,
  uri: Exclude<SourceUri, { scheme: "oci" | "file" }>,
  options: Options,
): Promise<Bundle> {
  const { env, clock } = context;
  const client = new SourceClient(clock, proxiesIn(env));
  const mlflow = mlflowAccess(env);
  const access = { client, hub: hubAccess(env), s3: s3Access(env), ...(mlflow && { mlflow }) };
  const { signal, progress, say } = transfer(context, "fetching");
  try {
    const model = await listSource(uri, access, signal);
    const known = sourceKey(model);
    const key = known && JSON.stringify([known, options.format]);
    const before = key === undefined ? undefined : await store.recall(key);
    if (before !== undefined) return await store.open(before, { verify: "size" });
    const bundle = await store.withFolder(async (folder) => {
      await fetchFiles(folder, model, { limits: store.limits, signal, progress });
      say("");
      const commit = uri.scheme === "hf" ? model.revision : undefined;
      const fetched = { uri: model.address, ...(commit === undefined ? {} : { commit }) };
      return buildBundle(context, store, folder, { ...options, reuse: false, fetched }).catch((caught: unknown) => {
        throw named(caught, folder, model.address);
      });
    });
    if (key !== undefined) await store.remember(key, bundle.digest);
    return bundle;
  } finally {
    await client.close();
  }
}

/** What was refused is known by its address; the folder it was fetched into is nobody's business. */
function named(caught: unknown, folder: string, address: string): unknown {
  if (!(caught instanceof SlipwayError) || !caught.message.includes(folder)) return caught;
  const { code, hint, problems } = caught;
  return new SlipwayError(code, caught.message.replaceAll(folder, address), { problems, ...(hint && { hint }) });
}
