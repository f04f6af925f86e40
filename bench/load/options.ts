import { parseArgs } from "node:util";

/** How much of a benchmark runs. */
export interface BenchOptions {
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  /** Before the first measurement of a server. */
  readonly warmUpSeconds: number;
  readonly trial: boolean;
  /** Whether a part was asked for; without `--only`, all are. */
  readonly wants: (part: string) => boolean;
  readonly wantsRival: (name: string) => boolean;
}

/** `--only PART,… --rounds N --seconds N --skip-rivals --rivals NAME,… --trial`. Ends the process with a usage line when they are wrong. */
export function benchOptions(name: string, parts: readonly string[], standard: { readonly seconds: number }): BenchOptions {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", default: parts.join(",") },
        rounds: { type: "string", default: "5" },
        seconds: { type: "string", default: String(standard.seconds) },
        "skip-rivals": { type: "boolean", default: false },
        rivals: { type: "string" },
        trial: { type: "boolean", default: false },
      },
    });
    const only = values.only.split(",");
    const unknown = only.find((part) => !parts.includes(part));
    if (unknown !== undefined) throw new Error(`there is no part ${unknown}`);
    const rivals = values.rivals?.toLowerCase().split(",");
    return {
      rounds: positive(values.rounds),
      seconds: positive(values.seconds),
      warmUpSeconds: values.trial ? 1 : 3,
      trial: values.trial,
      wants: (part) => only.includes(part),
      wantsRival: (rival) =>
        !values["skip-rivals"] && (rivals === undefined || rivals.includes(rival.toLowerCase().split(" ")[0]!)),
    };
  } catch (error) {
    console.error(`${(error as Error).message}
usage: npm run bench -- ${name} [--only ${parts.join(",")}] [--rounds 5] [--seconds ${standard.seconds}]
                         [--skip-rivals | --rivals mlserver,kserve,litserve,bentoml,ray] [--trial]
--trial runs on a busy machine too, warms up for 1 s, judges nothing and writes nothing.`);
    process.exit(2);
  }
}

function positive(text: string): number {
  if (!(Number(text) > 0)) throw new Error(`not a positive number: ${text}`);
  return Number(text);
}
