import { z } from "zod";

/** A schema for base64 with padding, as Go's encoding/json reads it: line breaks are allowed, and dropped. */
export function base64Text() {
  return z
    .string()
    .transform((text) => text.replace(/[\r\n]/g, ""))
    .superRefine((text, context) => {
      // The value is not repeated: it may be a secret.
      if (!isBase64(text))
        context.addIssue({ code: "custom", message: "expected base64 with padding; use stringData for plain text" });
    })
    .meta({ format: "byte" });
}

/** Plain text as the base64 of its UTF-8. */
export function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  // In pieces: a call takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 8192) binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(binary);
}

/** How many bytes a base64 text with padding stands for. */
export function base64Length(text: string): number {
  return (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.replace(/={1,2}$/, ""));
}
