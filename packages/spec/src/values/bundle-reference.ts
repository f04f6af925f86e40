import { z } from "zod";
import { found } from "./found.ts";

const digest = /^sha256:[0-9a-f]{64}$/;
const name =
  /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::[0-9]{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$/;

/** A schema for `[name@]sha256:<64 hex>`. */
export function bundleReference() {
  return z
    .string()
    .superRefine((text, context) => {
      const message = referenceProblem(text);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .meta({ pattern: "^([a-z0-9][A-Za-z0-9._/:-]*@)?sha256:[0-9a-f]{64}$", maxLength: 512 });
}

/** A schema for a bare `sha256:<64 hex>`. */
export function bundleDigestText() {
  return z
    .string()
    .superRefine((text, context) => {
      if (digest.test(text)) return;
      const message = `expected sha256: and 64 lower-case hexadecimal digits, found ${found(text)}`;
      context.addIssue({ code: "custom", message });
    })
    .meta({ pattern: digest.source, maxLength: 71 });
}

function referenceProblem(text: string): string | undefined {
  if (text.length > 512) return `expected at most 512 characters, found ${text.length}`;
  const at = text.lastIndexOf("@");
  if (!digest.test(text.slice(at + 1))) {
    return `expected sha256: and 64 lower-case hexadecimal digits, with NAME@ before it if you like; found ${found(text)}`;
  }
  if (at >= 0 && !name.test(text.slice(0, at))) {
    return `expected a lower-case name such as digits or registry.example/team/digits before the @, found ${found(text)}`;
  }
  return undefined;
}
