import type { BundleStore } from "../layout/bundle-store.ts";
import type { Bundle } from "../manifest/bundle.ts";
import { type BuildFacts, type Provenance, provenance, sameBuild } from "./provenance.ts";

/**
 * Keeps beside a bundle that was just built what is in it and how it was made. One of each: a newer build of the same content replaces what an
 * older one said, unless it says the same but for its times.
 */
export async function documentBundle(store: BundleStore, bundle: Bundle, facts: BuildFacts): Promise<void> {
  const { referrers } = store;
  // Only a build needs it and the list of all licences, no replica does.
  const { sbom } = await import("./sbom.ts");
  const contents = Buffer.from(JSON.stringify(await sbom(bundle, facts.version)));
  const [before] = await referrers.list(bundle.digest, "sbom");
  if (before?.content.equals(contents) !== true) await referrers.attach(bundle.digest, "sbom", contents, { replace: true });
  const made = provenance(bundle, facts);
  const [known] = await referrers.list(bundle.digest, "provenance");
  if (known !== undefined && sameBuild(JSON.parse(known.content.toString("utf8")) as Provenance, made)) return;
  await referrers.attach(bundle.digest, "provenance", Buffer.from(JSON.stringify(made)), { replace: true });
}
