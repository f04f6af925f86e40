import { SlipwayError } from "@slipway/base";
import { type BundleStore, type Digest, isDigest } from "@slipway/bundle";

/** The digest of a bundle in the store, by digest or by the name it was built under. Throws `notFound`. */
export async function findStoredBundle(store: BundleStore, text: string): Promise<Digest> {
  if (isDigest(text)) return text;
  const found = (await store.list()).find(({ names }) => names.includes(text));
  if (found !== undefined) return found.digest;
  throw new SlipwayError("notFound", `There is no bundle ${JSON.stringify(text.slice(0, 200))} in this home.`, {
    hint: "Name one by the digest that `slipway build` printed, or by the name it was built under.",
  });
}
