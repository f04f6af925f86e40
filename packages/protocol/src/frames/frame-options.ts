import type { Clock } from "@slipway/base";

/** What one side allows the other; sent in the preface. */
export interface FrameLimits {
  /** Bytes of one body that may be on the way before the reader takes them. */
  readonly streamWindow: number;
  /** The same for all bodies of a connection together: the memory a slow reader can cost. */
  readonly connectionWindow: number;
  /** Requests open at once on a connection. */
  readonly streams: number;
}

/** 256 KiB per body keeps a Unix socket busy; 64 MiB and 1,024 requests bound a connection. */
export const defaultFrameLimits: FrameLimits = { streamWindow: 256 * 1024, connectionWindow: 64 * 1024 * 1024, streams: 1024 };

/** What either end of a frame connection needs. */
export interface FrameOptions {
  readonly clock: Clock;
  readonly limits?: Partial<FrameLimits>;
  /** How long a gateway may take to close a connection on which everything is answered after go-away, milliseconds. Default 1 s, which is ample on one machine. */
  readonly lingerMs?: number;
}
