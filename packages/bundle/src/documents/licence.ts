import ids from "spdx-license-ids/index.json" with { type: "json" };
import type { LicenceChoice } from "./licence-choice.ts";

const byName = new Map(ids.map((id) => [id.toLowerCase(), id]));

/** Reads what an author wrote: an SPDX identifier in any case, an expression of them, or free text, which stays free text. */
export function readLicence(text: string, url?: string): LicenceChoice {
  const link = url !== undefined && /^https?:\/\//.test(url) ? { url } : {};
  const id = byName.get(text.trim().toLowerCase());
  if (id !== undefined) return { license: { id, ...link } };
  const words = text.replace(/[()]/g, " ").trim().split(/\s+/);
  const isExpression =
    words.length > 2 &&
    words.every((word, at) =>
      at % 2 === 1 ? /^(AND|OR|WITH)$/.test(word) : byName.has(word.replace(/\+$/, "").toLowerCase()) || words[at - 1] === "WITH",
    );
  if (isExpression) return { expression: text.trim() };
  return { license: { name: (text.trim().split("\n")[0] ?? "").slice(0, 200) || "unknown", ...link } };
}
