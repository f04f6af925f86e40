import { styleText } from "node:util";
import type { CliContext } from "../commands/context.ts";

/** What text can mean; each has one look on a terminal and none elsewhere. */
export type Tone = "good" | "bad" | "warn" | "dim" | "strong";

const looks = { good: "green", bad: "red", warn: "yellow", dim: "dim", strong: "bold" } as const;

/** Paints text for a sink, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

/** Colours only on a terminal, and never when `NO_COLOR` is set (https://no-color.org) or `TERM` is `dumb`. */
export function painter(context: Pick<CliContext, "env">, sink: { readonly isTTY: boolean }): Paint {
  const plain = !sink.isTTY || (context.env.NO_COLOR ?? "") !== "" || context.env.TERM === "dumb";
  return (tone, text) => (plain ? text : styleText(looks[tone], text, { validateStream: false }));
}
