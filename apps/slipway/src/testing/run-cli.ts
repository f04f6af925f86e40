import { systemClock } from "@slipway/base";
import { runCli } from "../cli.ts";
import type { CliContext } from "../commands/context.ts";
import { nowhere } from "../commands/nowhere.ts";

/** What a command line did. */
export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, as the launcher would, and gives what it printed. */
export async function runForTest(
  args: readonly string[],
  context: Partial<CliContext> & { input?: string } = {},
): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli({
    ...nowhere,
    clock: systemClock,
    stdin: (async function* () {
      yield new TextEncoder().encode(context.input ?? "");
    })(),
    stdout: { write: (text) => void out.push(text), isTTY: false, columns: undefined },
    stderr: { write: (text) => void err.push(text), isTTY: false, columns: undefined },
    outcome: { exitCode: 0 },
    ...context,
    args,
  });
  return { code, stdout: out.join(""), stderr: err.join("") };
}
