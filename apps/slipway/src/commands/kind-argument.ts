import { SlipwayError } from "@slipway/base";
import { type Kind, kinds } from "@slipway/spec";

/** What `get` can show: the kinds of the API, and the replicas that Model statuses tell of. */
export type Shown = Kind | "replicas";

/** Every name a user may write for a kind, with the kind. */
export function kindNames(): Map<string, Shown> {
  const names = new Map<string, Shown>([
    ["replicas", "replicas"],
    ["replica", "replicas"],
  ]);
  for (const info of Object.values(kinds)) {
    const own = [info.plural, info.singular, ...info.shortNames];
    for (const name of own) names.set(name, info.kind);
    if (info.group !== "") for (const name of [info.plural, info.singular]) names.set(`${name}.${info.group}`, info.kind);
  }
  return names;
}

/** The kind a user means by `models`, `model`, a short name, or `models.slipway.dev`; `usage` with the nearest name otherwise. */
export function readKind(text: string): Shown {
  const names = kindNames();
  const kind = names.get(text.toLowerCase());
  if (kind !== undefined) return kind;
  const plurals = ["replicas", ...Object.values(kinds).map((info) => info.plural)];
  const near = plurals.find((plural) => distance(plural, text.toLowerCase()) <= 2);
  throw new SlipwayError("usage", `There is no kind ${JSON.stringify(text)}.`, {
    hint: near === undefined ? `Kinds are ${plurals.join(", ")}.` : `Did you mean ${near}?`,
  });
}

/** The same for commands that work on objects of the API. */
export function readApiKind(text: string): Kind {
  const kind = readKind(text);
  if (kind === "replicas") {
    throw new SlipwayError("usage", "Replicas are not objects of the API; a Model has as many as its spec says.", {
      hint: "`slipway get replicas` lists them, `slipway scale` changes their number.",
    });
  }
  return kind;
}

/** `model/NAME`, or `model NAME…`: the kind and the names. */
export function readTargets(kindText: string, names: readonly string[]): { kind: Shown; names: readonly string[] } {
  const slash = kindText.indexOf("/");
  if (slash === -1) return { kind: readKind(kindText), names };
  if (names.length > 0) throw new SlipwayError("usage", `Write either ${kindText} or a kind and names, not both.`);
  return { kind: readKind(kindText.slice(0, slash)), names: [kindText.slice(slash + 1)] };
}

/** How an object is named in messages, as kubectl does: `model.slipway.dev/digits`. */
export function objectName(kind: Kind, name: string): string {
  const info = kinds[kind];
  return `${info.singular}${info.group === "" ? "" : `.${info.group}`}/${name}`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
