import type { Outgoing } from "./outgoing.ts";
import { clientLeft } from "./read-body.ts";

const ready = Promise.resolve();

/** The body of an answer that is sent piece by piece, at the pace of its reader. */
export class ResponseStream {
  private readonly response: Outgoing;
  private readonly watchStall: (bytes: number) => () => void;

  /** `watchStall` starts the watch over a slow reader, who is cut off when it runs out, and returns how to end the watch. */
  constructor(response: Outgoing, watchStall: (bytes: number) => () => void) {
    this.response = response;
    this.watchStall = watchStall;
  }

  /** Sends a chunk; resolves when the next one may come, rejects with `cancelled` when the client has left. */
  write(chunk: Uint8Array | string): Promise<void> {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return Promise.reject(clientLeft());
    if (response.write(chunk)) return ready;
    return new Promise((resolve, reject) => {
      const endWatch = this.watchStall(response.writableLength);
      const settle = (left: boolean) => {
        endWatch();
        response.off("drain", onDrain).off("close", onClose);
        if (left) reject(clientLeft());
        else resolve();
      };
      const onDrain = () => settle(false);
      const onClose = () => settle(true);
      response.on("drain", onDrain).on("close", onClose);
    });
  }

  /** Ends the answer. */
  end(): void {
    if (!this.response.writableEnded) this.response.end();
  }

  /** Breaks the answer off so that the client sees it is incomplete. */
  abort(): void {
    this.response.destroy();
  }
}
