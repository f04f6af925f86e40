import { SlipwayError } from "@slipway/base";

/** What a client wants to see of objects: all, a table row as `kubectl get` prints it, or metadata only. */
export type Form = "object" | "table" | "partial";

/** Chooses the form by the Accept header's order of preference; no header means objects. Throws `notAcceptable`. */
export function negotiateForm(accept: string | undefined): Form {
  if (accept === undefined || accept.trim() === "") return "object";
  for (const range of ranges(accept)) {
    if (!["application/json", "application/*", "*/*"].includes(range.type)) continue;
    const as = range.parameters.get("as");
    if (as === undefined) return "object";
    if (range.parameters.get("g") !== "meta.k8s.io" || range.parameters.get("v") !== "v1") continue;
    if (as === "Table") return "table";
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return "partial";
  }
  throw new SlipwayError(
    "notAcceptable",
    "only the following media types are accepted: application/json, application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1.",
  );
}

/** Whether the client would rather have aggregated discovery, and says so by its first preference we can serve. */
export function wantsAggregatedDiscovery(accept: string | undefined): boolean {
  for (const range of ranges(accept ?? "")) {
    if (range.type !== "application/json") continue;
    if (range.parameters.get("as") === undefined) return false;
    if (range.parameters.get("as") === "APIGroupDiscoveryList" && range.parameters.get("v") === "v2") return true;
  }
  return false;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The ranges of an Accept header, RFC 9110, best first; equal ones in their order. */
function ranges(accept: string): MediaRange[] {
  return accept
    .split(",")
    .map((part) => {
      const [type, ...rest] = part.split(";").map((piece) => piece.trim());
      const parameters = new Map(
        rest.map((piece) => {
          const equals = piece.indexOf("=");
          return equals === -1 ? ([piece, ""] as const) : ([piece.slice(0, equals), piece.slice(equals + 1)] as const);
        }),
      );
      return { type: (type ?? "").toLowerCase(), parameters, quality: Number(parameters.get("q") ?? "1") };
    })
    .filter((range) => range.quality > 0)
    .sort((a, b) => b.quality - a.quality);
}
