import {
  type BuildFacts,
  type BuildOptions,
  type Bundle,
  type BundleStore,
  deriveNeeds,
  documentBundle,
  encodeContract,
  readMachine,
} from "@slipway/bundle";
import type { CliContext } from "../commands/context.ts";
import { sourceFacts } from "./source-facts.ts";

/** What a build needs of the process it runs in. */
export type BuildContext = Pick<CliContext, "clock" | "platform" | "env" | "signal">;

/** Builds a bundle and keeps beside it what is in it and how it was made. Throws as {@link BundleStore.build}. */
export async function buildBundle(
  { clock, platform, env, signal }: BuildContext,
  store: BundleStore,
  directory: string,
  { fetched, ...options }: Omit<BuildOptions, "signal"> & Pick<BuildFacts, "fetched"> = {},
): Promise<Bundle> {
  const startedAt = clock.now();
  const bundle = await store.build(directory, { ...options, signal });
  const finishedAt = clock.now();
  const source = fetched === undefined ? await sourceFacts(directory, env) : undefined;
  await documentBundle(store, bundle, {
    version: platform.version,
    startedAt,
    finishedAt,
    ...(source === undefined ? {} : { source }),
    ...(fetched === undefined ? {} : { fetched }),
  });
  const known = await store.referrers.list(bundle.digest, "contract");
  if (known.length === 0) {
    const { architecture = "", cpuFeatures = [] } = readMachine();
    const contract = encodeContract({ needs: await deriveNeeds(bundle), seenOn: { architecture, cpuFeatures } });
    await store.referrers.attach(bundle.digest, "contract", Buffer.from(contract));
  }
  return bundle;
}
