import { SlipwayError } from "@slipway/base";
import { type JsonObject, quoted, readObject, shown } from "../oip/json-object.ts";

/** Refuses a request for what one of its fields says; `param` becomes the error's `param`. */
export function refused(param: string, message: string, hint?: string): SlipwayError {
  return new SlipwayError("badRequest", message, {
    ...(hint === undefined ? {} : { hint }),
    problems: [{ path: param, message, reason: "FieldValueInvalid" }],
  });
}

/** A field that is known but asks for what is not done here. */
export interface Unsupported {
  /** Values that ask for nothing: they are taken. Null always is. */
  readonly harmless?: readonly unknown[];
  /** What to do instead, one sentence. */
  readonly hint: string;
}

/** The fields of one JSON object of a request. A field that is null counts as absent, as OpenAI's clients send those that were not set. */
export class Fields {
  private readonly object: JsonObject;
  /** Where it is, e.g. `messages[0]`; empty for the request itself. */
  readonly place: string;

  /** Throws `badRequest` when the value is no object, has a field that is not `known`, or asks for what is `unsupported`. */
  constructor(value: unknown, place: string, known: readonly string[], unsupported: Readonly<Record<string, Unsupported>> = {}) {
    this.place = place;
    this.object = readObject(value, place === "" ? "The request" : place, [...known, ...Object.keys(unsupported)]);
    for (const [name, { harmless = [], hint }] of Object.entries(unsupported)) {
      const given = this.get(name);
      if (given === undefined || harmless.some((value) => JSON.stringify(value) === JSON.stringify(given))) continue;
      throw refused(
        this.path(name),
        `${quoted(this.path(name))} is not supported${harmless.length === 0 ? "" : ` as ${shown(given)}`}.`,
        hint,
      );
    }
  }

  /** The path of a field, for messages and for the error's `param`. */
  path(name: string): string {
    return this.place === "" ? name : `${this.place}.${name}`;
  }

  /** The value, undefined when it is absent or null. */
  get(name: string): unknown {
    return Object.hasOwn(this.object, name) ? (this.object[name] ?? undefined) : undefined;
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined || typeof value === "string" ? value : this.wrong(name, "a string");
  }

  /** A text that must be there. */
  needText(name: string): string {
    return this.text(name) ?? this.wrong(name, "a string");
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    return value === undefined || typeof value === "boolean" ? value : this.wrong(name, "true or false");
  }

  /** A number from `least` to `most`. */
  number(name: string, least: number, most: number): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && value >= least && value <= most) return value;
    return this.wrong(name, `a number from ${least} to ${most}`);
  }

  /** A whole number from `least` to `most`. */
  whole(name: string, least: number, most: number): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    return this.wrong(name, `a whole number from ${least} to ${most}`);
  }

  /** A list of at most `most` values. */
  list(name: string, most: number): readonly unknown[] | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    return Array.isArray(value) && value.length <= most ? value : this.wrong(name, `a list of at most ${most}`);
  }

  /** One of some texts. */
  oneOf<const Text extends string>(name: string, ...texts: readonly Text[]): Text | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    return texts.find((text) => text === value) ?? this.wrong(name, `one of ${texts.map((text) => `"${text}"`).join(", ")}`);
  }

  /** Throws that the field must be what `expected` says. */
  wrong(name: string, expected: string): never {
    const path = this.path(name);
    throw refused(path, `${quoted(path)} must be ${expected}, not ${shown(this.get(name))}.`);
  }
}
