import { SlipwayError } from "@slipway/base";
import type { ProcessSpec } from "../host/process-spec.ts";

/** The environment variable by which a child gets its ticket; pass its value to `connectLifeline`. */
export const lifelineVariable = "SLIPWAY_LIFELINE";

/** What a child must tell a supervisor that did not start it, given to it at its start. */
export interface Ticket {
  /** Path of the supervisor's socket. */
  readonly supervisor: string;
  /** Random, and in the environment of all that the child starts: finds what escaped from its process group. */
  readonly nonce: string;
  /** Without environment and input, which only a start needs. */
  readonly spec: ProcessSpec;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly restarts: number;
  /** How often it must say that it runs, milliseconds. */
  readonly beatMs: number;
}

/** The ticket as text for {@link lifelineVariable}. */
export function writeTicket(ticket: Ticket): string {
  const { input, ...spec } = ticket.spec;
  const kept = input === undefined ? {} : { input: { path: input.path, content: "" } };
  return JSON.stringify({ ...ticket, spec: { ...spec, env: {}, ...kept } });
}

/** Reads what {@link writeTicket} wrote. */
export function readTicket(text: string): Ticket {
  try {
    return JSON.parse(text) as Ticket;
  } catch (cause) {
    throw new SlipwayError("usage", `The environment variable ${lifelineVariable} does not hold a ticket of the supervisor.`, {
      hint: "This command is started by `slipway up`, not by hand.",
      cause,
    });
  }
}
