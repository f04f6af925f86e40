import { SlipwayError } from "@slipway/base";
import {
  type BundleStore,
  modelImage,
  parseDigest,
  parseReference,
  type RegistryClient,
  type Release,
  readRelease,
  registrySource,
} from "@slipway/bundle";
import type { CliContext } from "../commands/context.ts";
import { type BuiltManifest, type DigestSource, withSource } from "../manifest/build-sources.ts";
import { PushTarget } from "./push-target.ts";

/** Where images of models go, and what they are built on. */
export interface PublishOptions {
  readonly client: RegistryClient;
  readonly store: BundleStore;
  /** `REGISTRY/NAME` or `REGISTRY/NAME:TAG`. */
  readonly to: string;
  /** Reference of the runtime image. */
  readonly runtime: string;
  /** false: the image is only named, and nothing is sent. Default true. */
  readonly push?: boolean;
  readonly signal: AbortSignal;
  /** Told what each push moved. */
  readonly say?: (line: string) => void;
}

/** The runtime's reference: the flag, else `SLIPWAY_RUNTIME_IMAGE`. */
export function runtimeReference(context: CliContext, flag: string | undefined): string {
  const reference = flag ?? (context.env.SLIPWAY_RUNTIME_IMAGE || undefined);
  if (reference !== undefined) return reference;
  throw new SlipwayError("usage", "An image of a model is built on a runtime image, and none is named.", {
    hint: "Give --runtime IMAGE or set SLIPWAY_RUNTIME_IMAGE; `slipway runtime-image --to REPOSITORY` makes one.",
  });
}

/** Reads the runtime image from its registry. */
export async function readRuntime(client: RegistryClient, reference: string, signal: AbortSignal): Promise<Release> {
  return await readRelease(registrySource(client, parseReference(reference), signal));
}

/**
 * Makes and pushes the image of every Model among the manifests, and gives the manifests in the form a cluster takes: bundle and image by
 * digest. Other kinds pass through.
 */
export async function publishModelImages(built: readonly BuiltManifest[], options: PublishOptions): Promise<BuiltManifest[]> {
  const { client, store, signal, say = () => {} } = options;
  const to = new PushTarget(options.to);
  let runtime: Release | undefined;
  const published: BuiltManifest[] = [];
  for (const entry of built) {
    const bundle = bundleOf(entry);
    if (bundle === undefined) {
      published.push(entry);
      continue;
    }
    runtime ??= await readRuntime(client, options.runtime, signal);
    const release = modelImage(runtime, await store.blobs(parseDigest(bundle)));
    const image =
      options.push === false ? to.nameOf(release.document.digest) : await to.pushRelease(release, { client, signal, say });
    const { source } = entry.configuration.spec as { source: DigestSource };
    published.push(withSource(entry, { ...source, bundle, image }));
  }
  return published;
}

/** The digest a Model's manifest names, or that its directory was built to. */
export function bundleOf(entry: BuiltManifest): string | undefined {
  if (entry.kind !== "Model") return undefined;
  const { source } = (entry.configuration.spec ?? {}) as { source?: { bundle?: string } };
  return source?.bundle;
}
