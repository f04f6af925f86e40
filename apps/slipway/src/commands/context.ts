import type { Clock } from "@slipway/base";
import type { Platform } from "./platform.ts";

/** Where text goes; a terminal gets colour and progress. */
export interface TextSink {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
}

/** Everything a command may touch of the process it runs in; tests give their own. */
export interface CliContext {
  /** Without the runtime and the script. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; where relative paths start. */
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Data, and nothing else. */
  readonly stdout: TextSink;
  /** Everything for people: progress, warnings, errors. */
  readonly stderr: TextSink;
  readonly clock: Clock;
  readonly platform: Platform;
  /** Aborts on Ctrl-C and on a request to end; the reason is an {@link Interrupted}, or an {@link OutputClosed} when nobody reads any more. */
  readonly signal: AbortSignal;
  /** What a command that succeeds may set to say more by its exit code, as `diff` does. Starts as 0. */
  readonly outcome: { exitCode: number };
}

/** Why the process was asked to end. */
export class Interrupted extends Error {
  readonly signalName: "SIGINT" | "SIGTERM" | "SIGHUP";

  constructor(signalName: "SIGINT" | "SIGTERM" | "SIGHUP") {
    super(`Interrupted by ${signalName}`);
    this.name = "Interrupted";
    this.signalName = signalName;
  }

  /** 128 + the number of the signal, as shells report it. */
  get exitCode(): number {
    return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[this.signalName];
  }
}

/** Nobody reads standard output any more, as when `head` has had enough: the command ends quietly, with exit code 0. */
export class OutputClosed extends Error {
  constructor() {
    super("Standard output was closed");
    this.name = "OutputClosed";
  }
}
