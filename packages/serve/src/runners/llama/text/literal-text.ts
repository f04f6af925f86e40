// Unicode's own promise: these two are never characters, so no text has a use for them.
const open = "\uFDD0";
const close = "\uFDD1";

/** A part of a prompt. What is `literal` came from a caller: the model's special tokens are only text in it. */
export interface PromptPart {
  readonly text: string;
  readonly literal: boolean;
}

/** Marks, in texts of callers, what a model would take for its special tokens, such as the beginning of another's turn. */
export class LiteralMarker {
  private readonly pattern: RegExp | undefined;
  private readonly beginnings: ReadonlySet<string>;
  private readonly longest: number;

  /** `specials`: the texts of the special tokens. */
  constructor(specials: readonly string[]) {
    const sorted = specials.filter((text) => text !== "").toSorted((a, b) => b.length - a.length);
    this.pattern = sorted.length === 0 ? undefined : new RegExp(sorted.map((text) => RegExp.escape(text)).join("|"), "g");
    this.longest = sorted[0]?.length ?? 0;
    this.beginnings = new Set(
      sorted.flatMap((text) => Array.from({ length: text.length - 1 }, (_, end) => text.slice(0, end + 1))),
    );
  }

  /** The text with its marks. An end that, with what a template puts after it, could become a special token is marked too. */
  mark(text: string): string {
    if (this.pattern === undefined) return text;
    const marked = text.replaceAll(this.pattern, (special) => `${open}${special}${close}`);
    const last = marked.lastIndexOf(close);
    for (let at = Math.max(last + 1, marked.length - this.longest + 1); at < marked.length; at += 1) {
      if (this.beginnings.has(marked.slice(at))) return `${marked.slice(0, at)}${open}${marked.slice(at)}${close}`;
    }
    return marked;
  }

  /** Every text in a value, marked; keys too. */
  markAll(value: unknown): unknown {
    if (typeof value === "string") return this.mark(value);
    if (Array.isArray(value)) return value.map((item) => this.markAll(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.mark(key), this.markAll(item)]));
  }
}

/** Whether a text has a character that marks are made of. */
export function hasMarks(text: string): boolean {
  return text.includes(open) || text.includes(close);
}

/** A rendered prompt by its marks, which are gone then. */
export function promptParts(text: string): PromptPart[] {
  const parts: PromptPart[] = [];
  for (const [index, piece] of text.split(open).entries()) {
    const end = index === 0 ? 0 : piece.indexOf(close);
    // A template that cut a mark off has cut into a caller's text.
    const literal = end === -1 ? piece : piece.slice(0, end);
    const rest = end === -1 ? "" : piece.slice(index === 0 ? 0 : end + close.length).replaceAll(close, "");
    if (literal !== "") parts.push({ text: literal, literal: true });
    if (rest !== "") parts.push({ text: rest, literal: false });
  }
  return parts;
}
