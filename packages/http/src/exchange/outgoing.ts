/** What an exchange needs of an answer's way out; Node's `ServerResponse` is one. */
export interface Outgoing {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  /** Whether all of it is with the kernel. */
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  /** Bytes that wait for the reader. */
  readonly writableLength: number;
  /** `list` alternates names and values. */
  writeHead(status: number, list: (string | number)[]): unknown;
  flushHeaders(): void;
  /** Between these two, what is written goes out as one. */
  cork(): void;
  uncork(): void;
  /** False when the next chunk should wait for `drain`. */
  write(chunk: Uint8Array | string): boolean;
  end(body?: Uint8Array | string): unknown;
  /** For a text of ASCII alone, which so needs no encoding. */
  end(text: string, encoding: "latin1"): unknown;
  destroy(): unknown;
  on(event: "drain" | "close", listener: () => void): this;
  once(event: "close", listener: () => void): this;
  off(event: "drain" | "close", listener: () => void): this;
}
