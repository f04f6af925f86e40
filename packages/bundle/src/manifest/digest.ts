import { SlipwayError } from "@slipway/base";

/** `sha256:` and 64 lower-case hexadecimal digits: the only digest there is here, and the only thing that ever becomes a file name. */
export type Digest = `sha256:${string}`;

const grammar = /^sha256:[0-9a-f]{64}$/;

/** Whether `value` is a {@link Digest}, by its full grammar. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === "string" && grammar.test(value);
}

/** The digest in `value`; throws `invalid` for anything else, so that no other text reaches the file system. */
export function parseDigest(value: unknown): Digest {
  if (isDigest(value)) return value;
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : typeof value;
  throw new SlipwayError("invalid", `${shown} is not a bundle digest; expected "sha256:" and 64 lower-case hexadecimal digits.`, {
    hint: "Copy the digest that `slipway build` printed.",
  });
}

/** The 64 digits of a digest: its file name in the store. */
export function hexOf(digest: Digest): string {
  return parseDigest(digest).slice("sha256:".length);
}
