import { type BundleStore, type Digest, isDigest, signatureLimit } from "@slipway/bundle";
import { type BuiltManifest, withSource } from "../manifest/build-sources.ts";

/** How many signatures a Model takes. */
const most = 10;

/** The signatures kept beside a bundle, as texts in a fixed order; those that a Model does not take are left out. */
export async function storedSignatures(store: BundleStore, bundle: Digest): Promise<string[]> {
  const found = await store.referrers.list(bundle, "signature");
  const texts = found.filter(({ content }) => content.length <= signatureLimit).map(({ content }) => content.toString("utf8"));
  return texts.sort().slice(0, most);
}

/** The manifests, with each Model's source having the signatures that this home keeps of its bundle; a source that names some itself keeps those. */
export async function withSignatures(built: readonly BuiltManifest[], store: BundleStore): Promise<BuiltManifest[]> {
  const done: BuiltManifest[] = [];
  for (const entry of built) {
    const { source } = (entry.configuration.spec ?? {}) as {
      source?: { bundle?: string; image?: string; signatures?: string[] };
    };
    const digest = source?.bundle?.slice(source.bundle.indexOf("@") + 1);
    const toFill = entry.kind === "Model" && source?.bundle !== undefined && source.signatures === undefined;
    const signatures = toFill && isDigest(digest) ? await storedSignatures(store, digest) : [];
    done.push(signatures.length === 0 ? entry : withSource(entry, { ...source, bundle: source!.bundle!, signatures }));
  }
  return done;
}
