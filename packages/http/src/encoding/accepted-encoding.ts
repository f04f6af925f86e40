import type { ContentEncoding } from "./content-encoding.ts";

/** From the fastest to the slowest for what it saves. */
const preferred: readonly ContentEncoding[] = ["zstd", "gzip", "deflate"];

/**
 * The coding to answer with, by an Accept-Encoding header (RFC 9110 12.5.3); undefined for none. Most HTTP libraries list every coding they know
 * without being asked to. On the same machine compressing only costs, so there (`local`) only a header with one coding counts: somebody wrote it on purpose.
 */
export function acceptedEncoding(header: string | readonly string[] | undefined, local: boolean): ContentEncoding | undefined {
  if (typeof header !== "string") return undefined;
  if (local && header.includes(",")) return undefined;
  const accepted = new Map<string, number>();
  for (const item of header.toLowerCase().split(",")) {
    const [name, ...parameters] = item.split(";").map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    if (name !== undefined && name !== "") accepted.set(name, quality === undefined ? 1 : Number(quality.slice(2)) || 0);
  }
  let best: ContentEncoding | undefined;
  for (const name of preferred) {
    const quality = accepted.get(name) ?? 0;
    if (quality > 0 && (best === undefined || quality > accepted.get(best)!)) best = name;
  }
  return best !== undefined && accepted.get(best)! >= (accepted.get("identity") ?? 0) ? best : undefined;
}
