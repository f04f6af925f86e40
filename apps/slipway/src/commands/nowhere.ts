import { SlipwayError, systemClock } from "@slipway/base";
import type { CliContext, TextSink } from "./context.ts";

function refuse(): never {
  throw new SlipwayError("unimplemented", "These commands are only described, not run.");
}

const sink: TextSink = { write: () => {}, isTTY: false, columns: undefined };

/** A context for commands of which only the description is wanted, as for the documentation: nothing can be run in it. */
export const nowhere: CliContext = {
  args: [],
  env: {},
  cwd: "/",
  stdin: (async function* () {})(),
  stdout: sink,
  stderr: sink,
  clock: systemClock,
  platform: { read: refuse, up: refuse, startDetached: refuse, down: refuse, serve: refuse, version: "" },
  signal: new AbortController().signal,
  outcome: { exitCode: 0 },
};
