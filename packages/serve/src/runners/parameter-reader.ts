import { type FieldProblem, SlipwayError } from "@slipway/base";

/** Reads a model's free-text parameters against a runner's table of names and what they accept, and collects every problem. */
export class ParameterReader<Name extends string> {
  private readonly runner: string;
  private readonly accepted: Readonly<Record<Name, string>>;
  private readonly given: Readonly<Record<string, string>>;
  private readonly problems: FieldProblem[] = [];

  /** `runner` is its name in sentences, e.g. `ONNX`. */
  constructor(runner: string, accepted: Readonly<Record<Name, string>>, given: Readonly<Record<string, string>>) {
    this.runner = runner;
    this.accepted = accepted;
    this.given = given;
  }

  /** What `read` makes of a parameter; undefined when it is not given, or refused because `read` gave undefined. */
  take<Value>(name: Name, read: (text: string) => Value | undefined): Value | undefined {
    const text = Object.hasOwn(this.given, name) ? this.given[name] : undefined;
    if (text === undefined) return undefined;
    const value = read(text);
    if (value === undefined) this.refuse(name, `must be ${this.accepted[name]}; got ${JSON.stringify(text)}`);
    return value;
  }

  /** Notes a problem of one parameter. */
  refuse(name: string, message: string): void {
    const listed = /^must be one of /.test(message) || !Object.hasOwn(this.accepted, name);
    const reason = listed ? "FieldValueNotSupported" : "FieldValueInvalid";
    this.problems.push({ path: `spec.parameters.${name}`, message, reason });
  }

  /** Refuses every parameter that the runner does not have. */
  refuseOthers(): void {
    for (const name of Object.keys(this.given))
      if (!Object.hasOwn(this.accepted, name)) this.refuse(name, `the ${this.runner} runner has no such parameter`);
  }

  /** Throws `invalid` with every problem there was. */
  finish(): void {
    if (this.problems.length === 0) return;
    const allowed = Object.entries<string>(this.accepted).map(([name, accepts]) => `${name} (${accepts})`);
    throw new SlipwayError("invalid", `The model's parameters are not what the ${this.runner} runner takes.`, {
      problems: this.problems,
      hint: `Allowed: ${allowed.join("; ")}.`,
    });
  }
}

/** Reads a whole number from 1 to `most`, at most 9999. */
export function wholeNumberUpTo(most: number): (text: string) => number | undefined {
  return (text) => (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= most ? Number(text) : undefined);
}
