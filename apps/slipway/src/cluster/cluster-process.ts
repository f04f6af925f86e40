import { writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { type Clock, createLog, type Log, SlipwayError, systemClock } from "@slipway/base";

/** Kubelet reads why a container ended here. */
const terminationLog = "/dev/termination-log";

/** Bytes of a termination message that kubelet keeps, less what is around a text. */
const messageBytes = 3_000;

/** What every process of a pod has. */
export interface ClusterParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when kubelet asks this process to end (SIGTERM). */
  readonly stop: AbortSignal;
}

/** Runs one role in a pod: its log on standard output, one JSON object a line; gently to its end when `stop` aborts; and why it failed where kubelet looks for it. */
export async function runClusterProcess(
  component: string,
  stop: AbortSignal,
  role: (parts: ClusterParts) => Promise<void>,
): Promise<never> {
  const clock = systemClock;
  const pod = process.env.POD_NAME;
  const fields = { component, ...(pod === undefined ? {} : { pod }) };
  const log = createLog({ write: (line) => process.stdout.write(line), clock, fields });
  process.stdout.on("error", () => {});
  try {
    await role({ clock, log, stop });
    process.exit(0);
  } catch (caught) {
    const error = SlipwayError.from(caught);
    log.error("this process failed", { error: caught });
    await writeTerminationMessage(error, log);
    if (caught instanceof StuckWorker) killSelf();
    process.exit(error.exitCode);
  }
}

/** A failure with a thread that nothing in this process can end. */
export class StuckWorker extends SlipwayError {}

/** All addresses of this pod, of both families where it has both. */
export function everyAddress(): string {
  const families = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ family }) => family) ?? []);
  return families.includes("IPv6") ? "::" : "0.0.0.0";
}

/** One line of JSON, `{"code", "message"}`: the operator makes a condition of it. */
async function writeTerminationMessage({ code, message }: SlipwayError, log: Log): Promise<void> {
  const text = Buffer.from(message).subarray(0, messageBytes).toString();
  await writeFile(terminationLog, `${JSON.stringify({ code, message: text })}\n`, { flag: "r+" }).catch((error: unknown) => {
    log.warn("the termination message could not be written", { error });
  });
}

/** An ordinary exit would wait for the thread. The first process of a pod cannot send itself SIGKILL, but it can crash. */
function killSelf(): void {
  if (process.pid === 1) process.abort();
  process.kill(process.pid, "SIGKILL");
}
