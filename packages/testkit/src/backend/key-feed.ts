import type { Key } from "@slipway/spec";

/** Keys on their way to one reader: a key that waits already is not queued twice. Ends when the signal aborts. */
export class KeyFeed implements AsyncIterable<Key> {
  private readonly waiting = new Map<string, Key>();
  private wake: () => void = () => {};
  private readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  push(key: Key): void {
    this.waiting.set(`${key.namespace}/${key.name}`, key);
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Key> {
    const onAbort = () => this.wake();
    this.signal.addEventListener("abort", onAbort);
    try {
      while (!this.signal.aborted) {
        const [first] = this.waiting;
        if (first === undefined) {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
          continue;
        }
        this.waiting.delete(first[0]);
        yield first[1];
      }
    } finally {
      this.signal.removeEventListener("abort", onAbort);
    }
  }
}
