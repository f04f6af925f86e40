import type { Progress } from "@slipway/bundle";
import type { CliContext } from "../commands/context.ts";

/** A transfer as a command makes it. */
export interface Transfer {
  readonly signal: AbortSignal;
  /** On a terminal, a bar on standard error; elsewhere nothing. */
  readonly progress: Progress | undefined;
  /** Takes the bar away and says a line. */
  readonly say: (line: string) => void;
}

/** A bar is drawn anew at most this often, milliseconds. */
const leastMs = 100;
/** What is over sooner than it can be read needs no bar. */
const leastBytes = 1e6;
const widest = 30;

/** What a command gives to a transfer and has of it; `doing` is the word before the bar, such as "pushing". */
export function transfer(context: Pick<CliContext, "signal" | "stderr" | "env" | "clock">, doing: string): Transfer {
  const { signal, stderr, env, clock } = context;
  let drawn: number | undefined;
  const clear = () => {
    if (drawn !== undefined) stderr.write("\r\u001b[K");
    drawn = undefined;
  };
  const say = (line: string) => {
    clear();
    if (line !== "") stderr.write(line);
  };
  if (!stderr.isTTY || env.TERM === "dumb") return { signal, progress: undefined, say };
  signal.addEventListener("abort", clear, { once: true });
  const progress: Progress = ({ bytes, of }) => {
    const now = clock.monotonic();
    if (of < leastBytes || signal.aborted || (drawn !== undefined && now - drawn < leastMs)) return;
    drawn = now;
    stderr.write(`\r\u001b[K${bar(doing, bytes, of, stderr.columns ?? 80)}`);
  };
  return { signal, progress, say };
}

/** One line that is shorter than the terminal is wide, as a longer one could not be taken back. */
function bar(doing: string, bytes: number, of: number, columns: number): string {
  const share = Math.min(1, bytes / of);
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  const amount = `${megabytes(bytes)} of ${megabytes(of)} MB`;
  const room = Math.min(widest, columns - 1 - `${doing} [] ${percent} ${amount}`.length);
  if (room < 5) return `${doing} ${percent}`.slice(0, Math.max(0, columns - 1));
  return `${doing} [${"#".repeat(Math.round(share * room)).padEnd(room, "-")}] ${percent} ${amount}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}
