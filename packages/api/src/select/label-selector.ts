import { SlipwayError } from "@slipway/base";

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const key = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const value = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/**
 * A label selector as a predicate: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas that all must hold.
 * As in Kubernetes, `!=` and `notin` also select objects without the label. Throws `badRequest`.
 */
export function parseLabelSelector(text: string): (labels: Labels | undefined) => boolean {
  const requirements = split(text).map((part) => requirement(part, text));
  return (labels) => requirements.every((holds) => holds(labels ?? {}));
}

function requirement(part: string, whole: string): Requirement {
  const exists = /^(!?)\s*([^\s!=<>(),]+)$/.exec(part);
  if (exists !== null) {
    const name = checked(exists[2]!, key, whole);
    return exists[1] === "!" ? (labels) => !Object.hasOwn(labels, name) : (labels) => Object.hasOwn(labels, name);
  }
  const set = /^([^\s!=<>(),]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set !== null) {
    const name = checked(set[1]!, key, whole);
    const values = new Set(set[3]!.split(",").map((item) => checked(item.trim(), value, whole)));
    if (set[2] === "in") return (labels) => Object.hasOwn(labels, name) && values.has(labels[name]!);
    return (labels) => !Object.hasOwn(labels, name) || !values.has(labels[name]!);
  }
  const equality = /^([^\s!=<>(),]+)\s*(==|=|!=)\s*([^\s!=<>(),]*)$/.exec(part);
  if (equality === null) throw wrong(whole);
  const name = checked(equality[1]!, key, whole);
  const wanted = checked(equality[3]!, value, whole);
  if (equality[2] === "!=") return (labels) => !Object.hasOwn(labels, name) || labels[name] !== wanted;
  return (labels) => Object.hasOwn(labels, name) && labels[name] === wanted;
}

/** The requirements of a selector: split at commas that are not inside parentheses. */
function split(text: string): string[] {
  if (text.trim() === "") return [];
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function checked(text: string, pattern: RegExp, whole: string): string {
  if (!pattern.test(text) || text.length > 317) throw wrong(whole);
  return text;
}

function wrong(whole: string): SlipwayError {
  return new SlipwayError("badRequest", `unable to parse requirement of the label selector ${JSON.stringify(whole)}.`, {
    hint: "Use key=value, key!=value, key in (a,b), key notin (a,b), key or !key, joined by commas.",
  });
}
