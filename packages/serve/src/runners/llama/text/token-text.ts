/** How tokens become text; `before` are the tokens that came just before. */
export type Detokenize = (tokens: readonly number[], before: readonly number[]) => string;

const replacement = "\uFFFD";
/** No character has more bytes; what is no character after this many tokens never will be. */
const mostPending = 4;
const keptBefore = 4;

/** The text of tokens one by one. A character whose bytes are several tokens comes with the last of them. */
export class TokenText {
  private readonly detokenize: Detokenize;
  private pending: number[] = [];
  private before: number[] = [];

  constructor(detokenize: Detokenize) {
    this.detokenize = detokenize;
  }

  /** The text that is complete with this token; empty while a character is not. */
  push(token: number): string {
    this.pending.push(token);
    const text = this.detokenize(this.pending, this.before);
    if (text.endsWith(replacement) && this.pending.length < mostPending) return "";
    this.before = [...this.before, ...this.pending].slice(-keptBefore);
    this.pending = [];
    return text;
  }

  /** What is left of a character that was never completed. */
  rest(): string {
    const text = this.pending.length === 0 ? "" : this.detokenize(this.pending, this.before);
    this.pending = [];
    return text;
  }
}
