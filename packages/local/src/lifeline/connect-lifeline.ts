import { connect } from "node:net";
import type { Clock } from "@slipway/base";
import { MessageChannel } from "../channel/message-channel.ts";
import type { ChildMessage, Report } from "../channel/messages.ts";
import { startTimeOf } from "../processes/process-identity.ts";
import { readTicket } from "./ticket.ts";

/** How a child holds on to its supervisor. */
export interface LifelineOptions {
  /** Value of the environment variable `lifelineVariable`. */
  readonly ticket: string;
  readonly clock: Clock;
  /** How long a new supervisor may take to appear. Default 2 s. */
  readonly graceMs?: number;
}

/** A child's connection to the supervisor, whichever that is at the moment. */
export interface Lifeline {
  /** Says how the process is; a supervisor that takes over later is told the last report too. */
  report(report: Report): void;
  /** Aborts when no supervisor was there for the grace period: the process must exit, at once. */
  readonly lost: AbortSignal;
  /** Lets go without `lost`; only for a process that is about to exit. */
  close(): void;
}

const retryMs = 50;

/** Connects to the supervisor that started this process, and again to the next one when that dies. A stop comes as SIGTERM, not over the lifeline. */
export function connectLifeline(options: LifelineOptions): Lifeline {
  const { clock, graceMs = 2_000 } = options;
  const ticket = readTicket(options.ticket);
  const lost = new AbortController();
  let channel: MessageChannel<never, ChildMessage>;
  let established = false;
  let last: Report | undefined;
  let aloneSince = clock.monotonic();
  let closed = false;
  let cancelBeat = () => {};

  const attempt = () => {
    if (closed) return;
    const socket = connect(ticket.supervisor);
    channel = new MessageChannel<never, ChildMessage>(socket, {
      message: () => {},
      close() {
        if (closed) return;
        if (established) aloneSince = clock.monotonic();
        established = false;
        if (clock.monotonic() - aloneSince >= graceMs) lost.abort();
        else clock.after(retryMs, attempt);
      },
    });
    socket.once("connect", () => {
      established = true;
      const startTime = startTimeOf(process.pid) ?? "";
      channel.send({ type: "hello", ticket, pid: process.pid, startTime, ...(last === undefined ? {} : { report: last }) });
    });
  };
  attempt();
  const beat = () => {
    if (established) channel.send({ type: "beat" });
    cancelBeat = clock.after(ticket.beatMs, beat);
  };
  beat();

  return {
    report(report) {
      last = report;
      if (established) channel.send({ type: "report", report });
    },
    lost: lost.signal,
    close() {
      closed = true;
      cancelBeat();
      channel.close();
    },
  };
}
