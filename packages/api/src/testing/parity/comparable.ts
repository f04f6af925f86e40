import type { Json } from "./normalise.ts";
import type { Answer } from "./run-case.ts";

type Fields = { [key: string]: Json };

/** Refusals whose text is each server's own; ours also says what to do. */
const ownWording = ["Invalid", "BadRequest", "Forbidden", "NotAcceptable", "UnsupportedMediaType"];

/**
 * What of an answer is recorded and compared. Left out, because it is wording that no client decides by: the text of a refused value (422
 * Invalid), of a bad request (400), of a refusal (403) and of a type that is not read or written (406, 415), and the descriptions of table
 * columns. Of a refused value the reasons and fields of its causes stay, each once and in one order, as Kubernetes gives them in any; without a
 * cause about `<nil>`, which only says that some rules were not checked because of the others. An empty `continue` is none.
 */
export function comparable(answer: Answer): Answer {
  return simplify(answer as unknown as Json) as unknown as Answer;
}

function simplify(value: Json): Json {
  if (Array.isArray(value)) return value.map(simplify);
  if (typeof value !== "object" || value === null) return value;
  if (value.kind === "Status") return withoutWording(value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== "continue" || inner !== "")
      .map(([key, inner]) => [
        key,
        key === "columnDefinitions" && Array.isArray(inner) ? inner.map(withoutDescription) : simplify(inner),
      ]),
  );
}

function withoutWording(status: Fields): Json {
  const { message = "", details, ...rest } = status;
  const worded = ownWording.includes(String(status.reason)) ? rest : { ...rest, message };
  if (!isFields(details)) return worded;
  if (!Array.isArray(details.causes)) return { ...worded, details };
  const causes = details.causes.filter(isFields).map(({ reason = "", field = "", message = "" }) => ({
    reason,
    field,
    ...(status.reason === "Invalid" ? {} : { message }),
  }));
  const texts = new Set(causes.filter(({ field }) => field !== "<nil>").map((cause) => JSON.stringify(cause)));
  return { ...worded, details: { ...details, causes: [...texts].sort().map((text) => JSON.parse(text) as Json) } };
}

function withoutDescription(column: Json): Json {
  if (!isFields(column)) return column;
  const { description: _description, ...rest } = column;
  return rest;
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
