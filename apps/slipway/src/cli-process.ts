import { systemClock } from "@slipway/base";
import { runCli } from "./cli.ts";
import { type CliContext, Interrupted, OutputClosed, type TextSink } from "./commands/context.ts";
import type { Platform } from "./commands/platform.ts";

/**
 * Runs this process's own command line and ends the process with its exit code. The first Ctrl-C lets the command clean up,
 * the second ends at once.
 */
export async function runCliProcess(platform: Platform): Promise<never> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      const reason = new Interrupted(name);
      if (stop.signal.aborted) process.exit(reason.exitCode);
      stop.abort(reason);
    });
  }
  // A closed pipe is no failure of ours: `slipway get models | head -1`. Nothing can be said on a closed standard error.
  process.stdout.on("error", () => stop.abort(new OutputClosed()));
  process.stderr.on("error", () => {});
  const code = await runCli(processContext(platform, stop.signal));
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit(code);
}

function processContext(platform: Platform, signal: AbortSignal): CliContext {
  return {
    args: process.argv.slice(2),
    env: process.env,
    cwd: currentDirectory(),
    stdin: process.stdin,
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    clock: systemClock,
    platform,
    signal,
    outcome: { exitCode: 0 },
  };
}

/** A shell may stand in a directory that was deleted; absolute paths still work then. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}

function sink(stream: NodeJS.WriteStream): TextSink {
  return {
    write: (text) => {
      stream.write(text);
    },
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
  };
}

/** Resolves when what was written has left this process, or cannot. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.errored !== null) resolve();
    else stream.write("", () => resolve());
  });
}
