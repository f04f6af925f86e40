import { type BundleStore, contractLimit, type Digest, isDigest, signatureLimit } from "@slipway/bundle";
import { type BuiltManifest, type DigestSource, withSource } from "../manifest/build-sources.ts";

/** How many signatures a Model takes. */
const most = 10;

/** The signatures kept beside a bundle, as texts in a fixed order; those that a Model does not take are left out. */
export async function storedSignatures(store: BundleStore, bundle: Digest): Promise<string[]> {
  const found = await store.referrers.list(bundle, "signature");
  const texts = found.filter(({ content }) => content.length <= signatureLimit).map(({ content }) => content.toString("utf8"));
  return texts.sort().slice(0, most);
}

/** The contract kept beside a bundle, as a Model takes it. */
export async function storedContract(store: BundleStore, bundle: Digest): Promise<string | undefined> {
  const [found] = await store.referrers.list(bundle, "contract");
  return found === undefined || found.content.length > contractLimit ? undefined : found.content.toString("utf8");
}

/** The manifests, with each Model's source having the signatures and the contract that this home keeps of its bundle; what a source names itself stays. */
export async function carryKnown(built: readonly BuiltManifest[], store: BundleStore): Promise<BuiltManifest[]> {
  const done: BuiltManifest[] = [];
  for (const entry of built) done.push(await carryInto(entry, store));
  return done;
}

async function carryInto(entry: BuiltManifest, store: BundleStore): Promise<BuiltManifest> {
  const { source } = (entry.configuration.spec ?? {}) as { source?: Partial<DigestSource> };
  const bundle = source?.bundle;
  const digest = bundle?.slice(bundle.indexOf("@") + 1);
  if (entry.kind !== "Model" || bundle === undefined || !isDigest(digest)) return entry;
  const signatures = source?.signatures ?? (await storedSignatures(store, digest));
  const contract = source?.contract ?? (await storedContract(store, digest));
  if (signatures.length === 0 && contract === undefined) return entry;
  return withSource(entry, {
    ...source,
    bundle,
    ...(contract === undefined ? {} : { contract }),
    ...(signatures.length === 0 ? {} : { signatures }),
  });
}
