import type { Target } from "./target.ts";

/** One thing that a server must do, or must do where it offers an extension. */
export interface Case {
  /** Stable, unique; `--only` takes it. */
  readonly id: string;
  readonly title: string;
  /** The clause it tests: document, section. */
  readonly clause: string;
  /** `mandatory` clauses are every server's; `optional` ones those of extensions and standard services that a server may leave out. */
  readonly part: "mandatory" | "optional";
  /** Throws {@link Mismatch} when the server does otherwise, {@link NotApplicable} when the clause is not about this server. */
  readonly run: (target: Target) => Promise<void>;
}

/** The server did otherwise. */
export class Mismatch extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** The clause does not apply to this server; the message says why. */
export class NotApplicable extends Error {}

/** Fails unless the condition holds; `got` is shown shortened. */
export function expect(condition: boolean, expected: string, got: unknown): asserts condition {
  if (!condition) throw new Mismatch(expected, shorten(got));
}

function shorten(value: unknown): string {
  const text =
    typeof value === "string"
      ? value
      : String(JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? `${inner}` : inner)));
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** Makes the cases of one document: `cases("OIP REST", "mandatory")("id", "title", "section", run)`. */
export function casesOf(document: string, part: Case["part"]) {
  return (id: string, title: string, section: string, run: Case["run"]): Case => ({
    id,
    title,
    clause: `${document}: ${section}`,
    part,
    run,
  });
}
