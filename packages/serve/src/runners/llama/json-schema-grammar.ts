import { SlipwayError } from "@slipway/base";

/** A JSON Schema, parsed. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** What says something about a value to people, and nothing about which values there are. */
const annotations = [
  "title",
  "description",
  "default",
  "examples",
  "$schema",
  "$id",
  "$comment",
  "deprecated",
  "readOnly",
  "writeOnly",
];
const definitions = ["$defs", "definitions"];
const perType: Readonly<Record<string, readonly string[]>> = {
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems"],
  string: ["minLength", "maxLength", "format"],
  number: [],
  integer: [],
  boolean: [],
  null: [],
};
const allTypes = Object.keys(perType);
const formats: Readonly<Record<string, string>> = {
  date: `[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])`,
  time: `([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? ("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])`,
  uuid: `[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}`,
};
const rules: Readonly<Record<string, string>> = {
  space: `" "?`,
  // An escape of half a surrogate would be no character; every other one can be written as itself.
  char: `[^"\\\\\\x00-\\x1F\\x7F] | "\\\\" (["\\\\/bfnrt] | "u00" [01] [0-9a-f])`,
  string: `"\\"" char* "\\""`,
  integer: `"-"? ("0" | [1-9] [0-9]{0,14})`,
  number: `integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?`,
  boolean: `"true" | "false"`,
  null: `"null"`,
  value: `object | array | string | number | boolean | null`,
  object: `"{" (string ":" space value ("," space string ":" space value)*)? "}"`,
  array: `"[" (value ("," space value)*)? "]"`,
};
const mostRules = 2_000;
const mostDepth = 64;
const mostRepeats = 1_000;

/**
 * A grammar of llama.cpp (GBNF) whose every text is JSON that fits the schema, though not every such JSON is one: properties come in their order, and
 * none that is not named. Throws `badRequest` for what a grammar cannot hold to, with the path; it never loosens a schema.
 */
export function jsonSchemaGrammar(schema: JsonSchema, param: string): string {
  const grammar = new GrammarBuilder();
  return grammar.text(grammar.schema(schema, param));
}

/** A grammar of any JSON object. */
export function jsonObjectGrammar(): string {
  return new GrammarBuilder().text("object");
}

/** Collects the rules of a grammar, of one or more schemas. */
export class GrammarBuilder {
  private root: unknown = true;
  private place = "";
  private readonly made = new Map<string, string>();
  private references = new Map<string, string>();

  /** The whole grammar, of which `expression` is the beginning. */
  text(expression: string): string {
    const all = [["root", expression], ...Object.entries(rules), ...this.made];
    return `${all.map(([name, body]) => `${name} ::= ${body}`).join("\n")}\n`;
  }

  /** The name of a rule for values of a schema; `place` is its path in messages. Throws `badRequest`. */
  schema(schema: unknown, place: string): string {
    this.root = schema;
    this.place = place;
    this.references = new Map();
    return this.rule(schema, place, 0);
  }

  private rule(schema: unknown, place: string, depth: number): string {
    if (depth > mostDepth) throw refused(place, "nests too deep");
    if (schema === true || (isObject(schema) && Object.keys(schema).every((key) => known(key)))) return "value";
    if (!isObject(schema)) throw refused(place, `must be an object or true`);
    if (schema.$ref !== undefined) return this.reference(schema, place, depth);
    if (schema.anyOf !== undefined) return this.union(schema, "anyOf", place, depth);
    if (schema.allOf !== undefined) return this.single(schema, place, depth);
    if (schema.const !== undefined) return this.literals([schema.const], schema, place);
    if (schema.enum !== undefined) return this.literals(schema.enum, schema, place);
    const types = typesOf(schema, place);
    demandOnly(schema, ["type", ...types.flatMap((type) => perType[type]!)], place);
    const bodies = types.map((type) => this.typed(type, schema, place, depth));
    return bodies.length === 1 ? bodies[0]! : this.add(bodies.join(" | "), place);
  }

  private typed(type: string, schema: Readonly<Record<string, unknown>>, place: string, depth: number): string {
    if (type === "object") return this.object(schema, place, depth);
    if (type === "array") return this.array(schema, place, depth);
    if (type === "string") return this.string(schema, place);
    return type;
  }

  private object(schema: Readonly<Record<string, unknown>>, place: string, depth: number): string {
    const { properties = {}, required = [], additionalProperties: more } = schema;
    if (!isObject(properties)) throw refused(`${place}.properties`, "must be an object");
    if (!Array.isArray(required)) throw refused(`${place}.required`, "must be a list");
    const names = Object.keys(properties);
    const missing = required.find((name) => !names.includes(name));
    if (missing !== undefined)
      throw refused(`${place}.required`, `names ${JSON.stringify(missing)}, which is none of its properties`);
    if (names.length === 0) {
      // Who lists no properties wants none; who lists nothing wants any.
      if (more === false || (more === undefined && schema.properties !== undefined)) return this.add(`"{" "}"`, place);
      if (more === undefined || more === true) return "object";
      const value = this.rule(more, `${place}.additionalProperties`, depth + 1);
      return this.add(`"{" (string ":" space ${value} ("," space string ":" space ${value})*)? "}"`, place);
    }
    const pairs = names.map((name) => {
      const value = this.rule(properties[name], `${place}.properties.${name}`, depth + 1);
      return { pair: `${literal(JSON.stringify(name))} ":" space ${value}`, needed: required.includes(name) };
    });
    // From the end: what may follow a pair, and what may be the first.
    let rest = `""`;
    let first = `""`;
    for (const { pair, needed } of pairs.toReversed()) {
      const follow = this.add(rest, place);
      first = needed ? `${pair} ${follow}` : `${pair} ${follow} | ${this.add(first, place)}`;
      rest = needed ? `"," space ${pair} ${follow}` : `("," space ${pair})? ${follow}`;
    }
    return this.add(`"{" ${this.add(first, place)} "}"`, place);
  }

  private array(schema: Readonly<Record<string, unknown>>, place: string, depth: number): string {
    const item = this.rule(schema.items ?? true, `${place}.items`, depth + 1);
    const { least, most } = bounds(schema, "minItems", "maxItems", place);
    if (most === 0) return this.add(`"[" "]"`, place);
    const more = `("," space ${item}){${Math.max(0, least - 1)},${most === undefined ? "" : most - 1}}`;
    return this.add(least === 0 ? `"[" (${item} ${more})? "]"` : `"[" ${item} ${more} "]"`, place);
  }

  private string(schema: Readonly<Record<string, unknown>>, place: string): string {
    const { format } = schema;
    const { least, most } = bounds(schema, "minLength", "maxLength", place);
    if (format === undefined) {
      if (least === 0 && most === undefined) return "string";
      return this.add(`"\\"" char{${least},${most ?? ""}} "\\""`, place);
    }
    const bodies = format === "date-time" ? `${formats.date} "T" ${formats.time}` : formats[String(format)];
    if (bodies === undefined || least !== 0 || most !== undefined)
      throw refused(`${place}.format`, `cannot be kept to; without minLength and maxLength, date, time, date-time and uuid can`);
    return this.add(`"\\"" ${bodies} "\\""`, place);
  }

  private literals(values: unknown, schema: Readonly<Record<string, unknown>>, place: string): string {
    demandOnly(schema, ["const", "enum", "type"], place);
    if (!Array.isArray(values) || values.length === 0) throw refused(`${place}.enum`, "must be a list that is not empty");
    const fitting = values.filter(
      (value) => schema.type === undefined || typesOf(schema, place).some((type) => hasType(value, type)),
    );
    if (fitting.length === 0) throw refused(place, "has no value of its own type");
    return this.add(fitting.map((value) => literal(JSON.stringify(value))).join(" | "), place);
  }

  private union(schema: Readonly<Record<string, unknown>>, key: "anyOf", place: string, depth: number): string {
    demandOnly(schema, [key], place);
    const { [key]: options } = schema;
    if (!Array.isArray(options) || options.length === 0) throw refused(`${place}.${key}`, "must be a list that is not empty");
    return this.add(options.map((option, index) => this.rule(option, `${place}.${key}[${index}]`, depth + 1)).join(" | "), place);
  }

  private single(schema: Readonly<Record<string, unknown>>, place: string, depth: number): string {
    demandOnly(schema, ["allOf"], place);
    if (!Array.isArray(schema.allOf) || schema.allOf.length !== 1) throw refused(`${place}.allOf`, "can have one schema only");
    return this.rule(schema.allOf[0], `${place}.allOf[0]`, depth + 1);
  }

  private reference(schema: Readonly<Record<string, unknown>>, place: string, depth: number): string {
    demandOnly(schema, ["$ref"], place);
    const path = String(schema.$ref);
    const before = this.references.get(path);
    if (before !== undefined) return before;
    const [, key = "", name = ""] = /^#\/(\$defs|definitions)\/([^/~%]+)$/.exec(path) ?? [];
    const all = isObject(this.root) ? this.root[key] : undefined;
    const target = path === "#" ? this.root : isObject(all) && Object.hasOwn(all, name) ? all[name] : undefined;
    if (target === undefined) throw refused(`${place}.$ref`, `is ${JSON.stringify(path)}, which is not among the schema's $defs`);
    const rule = this.add("", place);
    this.references.set(path, rule);
    this.made.set(rule, this.rule(target, path === "#" ? this.place : `${this.place}.${key}.${name}`, depth + 1));
    return rule;
  }

  private add(body: string, place: string): string {
    if (this.made.size >= mostRules) throw refused(place, "belongs to a schema that is too large");
    const name = `r${this.made.size}`;
    this.made.set(name, body);
    return name;
  }
}

/** A text as a literal of GBNF. */
export function literal(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;
}

function known(key: string): boolean {
  return annotations.includes(key) || definitions.includes(key);
}

function demandOnly(schema: Readonly<Record<string, unknown>>, keys: readonly string[], place: string): void {
  const other = Object.keys(schema).find((key) => !keys.includes(key) && !known(key));
  if (other !== undefined) throw refused(`${place}.${other}`, "cannot be kept to here");
}

/** The types that a schema names; those that its other words are about when it names none. */
function typesOf(schema: Readonly<Record<string, unknown>>, place: string): string[] {
  const { type } = schema;
  if (type === undefined) {
    const about = allTypes.filter((candidate) => perType[candidate]!.some((key) => schema[key] !== undefined));
    if (about.length === 1) return about;
    const other = Object.keys(schema).find((key) => !known(key) && !Object.values(perType).some((keys) => keys.includes(key)));
    throw other === undefined ? refused(place, "must say its type") : refused(`${place}.${other}`, "cannot be kept to here");
  }
  const types = Array.isArray(type) ? type : [type];
  const wrong = types.find((candidate) => !allTypes.includes(candidate as string));
  if (types.length === 0 || wrong !== undefined) throw refused(`${place}.type`, `must be of ${allTypes.join(", ")}`);
  return types as string[];
}

function hasType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function bounds(schema: Readonly<Record<string, unknown>>, min: string, max: string, place: string) {
  const [least = 0, most] = [min, max].map((name) => {
    const value = schema[name];
    if (value === undefined || (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= mostRepeats))
      return value as number | undefined;
    throw refused(`${place}.${name}`, `must be a whole number from 0 to ${mostRepeats}`);
  });
  if (most !== undefined && most < least) throw refused(`${place}.${max}`, `is below ${min}`);
  return { least, most };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(path: string, what: string): SlipwayError {
  const message = `The schema's ${path} ${what}.`;
  return new SlipwayError("badRequest", message, {
    hint: "Leave it out, and check the answer yourself.",
    problems: [{ path, message, reason: "FieldValueNotSupported" }],
  });
}
