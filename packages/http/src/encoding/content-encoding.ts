import { SlipwayError } from "@slipway/base";

/** The content codings that bodies can have, RFC 9110 8.4.1 and RFC 8878. */
export type ContentEncoding = "gzip" | "deflate" | "zstd";

const names: Readonly<Record<string, ContentEncoding>> = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate", zstd: "zstd" };

/** What a Content-Encoding header says; undefined for none. Throws `unsupportedMediaType` for any other coding, and for several. */
export function contentEncoding(header: string | readonly string[] | undefined): ContentEncoding | undefined {
  if (header === undefined || header === "") return undefined;
  const name = String(header).trim().toLowerCase();
  if (name === "identity") return undefined;
  if (Object.hasOwn(names, name)) return names[name];
  const text = JSON.stringify(String(header).slice(0, 100));
  throw new SlipwayError("unsupportedMediaType", `The content encoding ${text} is not supported.`, {
    hint: "Send the body as it is, or with one of gzip, deflate and zstd.",
  });
}
