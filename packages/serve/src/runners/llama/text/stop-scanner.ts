/** Finds the first of some texts in a text that comes in pieces, and holds back what may be the beginning of one. */
export class StopScanner {
  private readonly stops: readonly string[];
  private readonly longest: number;
  private held = "";

  constructor(stops: readonly string[]) {
    this.stops = stops;
    this.longest = Math.max(0, ...stops.map((stop) => stop.length));
  }

  /** What of the text may go out, and whether a stop was found; `after` is what came behind it. */
  push(piece: string): { readonly text: string; readonly stopped: boolean; readonly after: string } {
    if (this.longest === 0) return { text: piece, stopped: false, after: "" };
    const text = this.held + piece;
    let found = text.length;
    let length = 0;
    for (const stop of this.stops) {
      const at = text.indexOf(stop);
      if (at === -1 || at >= found) continue;
      found = at;
      length = stop.length;
    }
    if (length > 0) {
      this.held = "";
      return { text: text.slice(0, found), stopped: true, after: text.slice(found + length) };
    }
    const safe = this.safeLength(text);
    this.held = text.slice(safe);
    return { text: text.slice(0, safe), stopped: false, after: "" };
  }

  /** What was held back, when nothing more comes. */
  rest(): string {
    const { held } = this;
    this.held = "";
    return held;
  }

  private safeLength(text: string): number {
    for (let at = Math.max(0, text.length - this.longest + 1); at < text.length; at += 1) {
      const tail = text.slice(at);
      if (this.stops.some((stop) => stop.startsWith(tail))) return at;
    }
    return text.length;
  }
}
