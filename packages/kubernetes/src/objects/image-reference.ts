import { SlipwayError } from "@slipway/base";

const byDigest = /^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$/;

/** The same reference. Throws `invalid` unless it names an image by digest: a tag could be another image tomorrow. */
export function imageReference(text: string): string {
  if (byDigest.test(text) && text.length <= 512) return text;
  throw new SlipwayError("invalid", `Not an image by digest: ${JSON.stringify(text)}.`, {
    hint: "Expected REGISTRY/NAME@sha256: and 64 lower-case hexadecimal digits.",
  });
}
