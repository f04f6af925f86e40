import { z } from "zod";
import { found } from "./found.ts";

const pattern = /^[a-z0-9]+([._-]+[a-z0-9]+)*(:[0-9]{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*@sha256:[0-9a-f]{64}$/;

/** A schema for an image that is named by its digest: `registry.example:5000/team/digits@sha256:<64 hex>`. */
export function imageByDigest() {
  return z
    .string()
    .superRefine((text, context) => {
      if (text.length > 512) {
        context.addIssue({ code: "custom", message: `expected at most 512 characters, found ${text.length}` });
      } else if (!pattern.test(text)) {
        const message = `expected REPOSITORY@sha256: and 64 lower-case hexadecimal digits, without a tag: it could name another image tomorrow; found ${found(text)}`;
        context.addIssue({ code: "custom", message });
      }
    })
    .meta({ pattern: pattern.source.replaceAll("\\/", "/"), maxLength: 512 });
}
