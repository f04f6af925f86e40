import type { Socket } from "node:net";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { type FeedDown, feedVersion, parseFeedUp } from "@slipway/protocol";
import { readLines } from "./line-reader.ts";

/** Everything a gateway says is short. */
const lineBytes = 4 * 1024;

/** A gateway that says nothing for this long, although it is asked every second, is not alive. */
const silenceMs = 5_000;

/** What a publisher wants to know of one gateway. */
export interface SubscribedGatewayOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** It said hello, or has another table in force. */
  readonly onChange: () => void;
  /** Its connection ended. */
  readonly onEnd: () => void;
}

/** One gateway at control's end of the feed. */
export class SubscribedGateway {
  /** Generation it has in force; -1 before its first. */
  applied = -1;
  /** Whether it has said who it is. */
  greeted = false;
  private readonly socket: Socket;
  private readonly options: SubscribedGatewayOptions;
  private sent = -1;
  private cancelSilence: () => void = () => {};

  constructor(socket: Socket, options: SubscribedGatewayOptions) {
    this.socket = socket;
    this.options = options;
    readLines(
      socket,
      lineBytes,
      (line) => this.read(line),
      (error) => {
        options.log.error("gateway refused", { error });
        socket.destroy();
      },
    );
    socket.on("error", (error) => options.log.debug("connection to gateway failed", { error }));
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.cancelSilence();
      options.onEnd();
    });
    this.heard();
  }

  /** Whether a table should be sent: it is newer, and the one before is in force. */
  wants(generation: number): boolean {
    return this.sent < generation && this.applied === this.sent;
  }

  /** Sends a table as a finished line. */
  sendTable(generation: number, line: string): void {
    this.sent = generation;
    this.socket.write(line);
  }

  ping(): void {
    const message: FeedDown = { type: "ping" };
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  end(): void {
    this.socket.destroy();
  }

  private read(line: string): void {
    const message = parseFeedUp(line);
    this.heard();
    switch (message.type) {
      case "hello":
        if (message.version !== feedVersion) {
          throw new SlipwayError(
            "unavailable",
            `The gateway speaks version ${message.version} of the routes feed; control speaks ${feedVersion}.`,
          );
        }
        this.greeted = true;
        this.options.onChange();
        return;
      case "applied":
        if (message.generation !== this.sent) throw new SlipwayError("badRequest", "A gateway applied a table it was not sent.");
        this.applied = message.generation;
        this.options.onChange();
        return;
      case "pong":
        return;
    }
  }

  private heard(): void {
    this.cancelSilence();
    this.cancelSilence = this.options.clock.after(silenceMs, () => {
      this.options.log.warn("gateway does not answer; it counts as gone");
      this.socket.destroy();
    });
  }
}
