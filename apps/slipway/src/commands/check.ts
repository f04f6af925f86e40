/** One line of `slipway doctor`. */
export interface Check {
  /** A few words, e.g. `Node.js version`. */
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  /** What was found, one sentence. */
  readonly detail: string;
  /** The way out; set when the state is not `ok` and there is one. */
  readonly hint?: string;
}
