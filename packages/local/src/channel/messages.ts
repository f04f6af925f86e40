import type { WireError } from "@slipway/base";
import type { ProcessChange } from "../host/process-host.ts";
import type { ProcessSpec } from "../host/process-spec.ts";
import type { ReportedState } from "../host/process-status.ts";
import type { Ticket } from "../lifeline/ticket.ts";

/** What a process says about itself. */
export interface Report {
  readonly state: ReportedState;
  /** What is wrong; the code `invalid` of a failed replica means that its model can never be served. */
  readonly error?: WireError;
  /** Anything else that the starter wants to know, e.g. the port it listens on. */
  readonly detail?: string;
}

/** First message of a child: who it is. After a reconnection it repeats its last report. */
export interface Hello {
  readonly type: "hello";
  readonly ticket: Ticket;
  readonly pid: number;
  readonly startTime: string;
  readonly report?: Report;
}

/** What a child sends over its lifeline; the supervisor sends nothing back. A `beat` says only that it runs. */
export type ChildMessage = Hello | { readonly type: "report"; readonly report: Report } | { readonly type: "beat" };

/** What control asks of the supervisor. */
export type Call =
  | { readonly method: "list"; readonly labels: Readonly<Record<string, string>> }
  | { readonly method: "start"; readonly spec: ProcessSpec }
  | { readonly method: "stop"; readonly process: string; readonly graceMs: number }
  | { readonly method: "forget"; readonly process: string };

/** What a client of the supervisor sends. */
export type ClientMessage = { readonly type: "call"; readonly id: number; readonly call: Call } | { readonly type: "watch" };

/** What the supervisor sends to a client. */
export type ServerMessage =
  | { readonly type: "result"; readonly id: number; readonly result: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: WireError }
  | { readonly type: "change"; readonly change: ProcessChange };
