import type { Socket } from "node:net";
import { PlainConnection, type PlainHandler } from "./plain-connection.ts";

/** How often connections are looked at, milliseconds. */
const lookMs = 500;
/** A request that is not whole after this long is for the full parser, whose timers end slow clients. */
const partialMs = 500;

/** All connections of a server on the quick way. */
export class PlainConnections<Known> {
  private readonly handler: PlainHandler<Known>;
  private readonly idleMs: number;
  private readonly open = new Set<PlainConnection<Known>>();
  private cancelLook: (() => void) | undefined;

  /** A connection without a request is closed after `idleMs`. */
  constructor(handler: PlainHandler<Known>, idleMs: number) {
    this.handler = handler;
    this.idleMs = idleMs;
  }

  accept(socket: Socket): void {
    const connection: PlainConnection<Known> = new PlainConnection(socket, this.handler, () => this.remove(connection));
    this.open.add(connection);
    this.cancelLook ??= this.handler.clock.after(Math.min(lookMs, this.idleMs), () => this.look());
  }

  /** Ends those without a request; the others end with their answer. */
  closeIdle(): void {
    for (const connection of this.open) connection.closeWhenIdle();
  }

  private remove(connection: PlainConnection<Known>): void {
    this.open.delete(connection);
    if (this.open.size > 0) return;
    this.cancelLook?.();
    this.cancelLook = undefined;
  }

  private look(): void {
    const now = this.handler.clock.monotonic();
    this.cancelLook = this.handler.clock.after(Math.min(lookMs, this.idleMs), () => this.look());
    for (const connection of this.open) {
      if (connection.busy) continue;
      const waited = now - connection.waitsSince;
      if (connection.partial) {
        if (waited >= partialMs) connection.leave();
      } else if (waited >= this.idleMs) connection.closeWhenIdle();
    }
  }
}
