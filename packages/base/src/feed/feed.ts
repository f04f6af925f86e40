/** Items on their way to one reader: of those with the same id only the newest waits. Ends when the signal aborts. */
export class Feed<T> implements AsyncIterable<T> {
  private readonly waiting = new Map<string, T>();
  private readonly idOf: (item: T) => string;
  private readonly signal: AbortSignal;
  private wake: () => void = () => {};
  private failure: { readonly error: unknown } | undefined;

  constructor(idOf: (item: T) => string, signal: AbortSignal) {
    this.idOf = idOf;
    this.signal = signal;
  }

  push(item: T): void {
    this.waiting.set(this.idOf(item), item);
    this.wake();
  }

  /** Where the items come from has failed: so does the reader, once it has read what waits. */
  fail(error: unknown): void {
    this.failure = { error };
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    const onAbort = () => this.wake();
    this.signal.addEventListener("abort", onAbort);
    try {
      while (!this.signal.aborted) {
        const [first] = this.waiting;
        if (first === undefined) {
          if (this.failure !== undefined) throw this.failure.error;
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
