import type { ByteBudget } from "@slipway/base";
import type { Exchange } from "@slipway/http";
import type { FrameBodySource } from "@slipway/protocol";

/** Bodies up to this size are kept until the answer begins, so that the request can be sent again. */
const keepBytes = 1024 * 1024;

/** The body of a request: kept whole, or passed on as it comes. */
export interface RequestBody {
  /** Bytes kept; 0 for a body that is passed on. */
  readonly keptBytes: number;
  /** Whether it can be given to a replica (again). */
  readonly available: boolean;
  /** What to send; undefined when there is nothing. A body that is passed on can be taken once. */
  take(): FrameBodySource | undefined;
  /** Gives back what it keeps; call once, when the request has ended. */
  discard(): void;
}

const nothing: RequestBody = { keptBytes: 0, available: true, take: () => undefined, discard: () => {} };

/** A body that is whole already, and held by whoever read it. */
export function keptMessage(bytes: Buffer): RequestBody {
  if (bytes.length === 0) return nothing;
  return { keptBytes: bytes.length, available: true, take: () => bytes, discard: () => {} };
}

/** What may be kept of a request's body: at once where it is there already. Rejects as the exchange's reader does. */
export function requestBody(exchange: Exchange, budget: ByteBudget): RequestBody | Promise<RequestBody> {
  const { "content-length": text, "transfer-encoding": encoding } = exchange.headers;
  const length = encoding === undefined ? Number(text ?? 0) : undefined;
  if (length === 0) return nothing;
  if (length !== undefined && length <= keepBytes && budget.take(length)) {
    const present = exchange.presentBody();
    return present === undefined ? readKept(exchange, length, budget) : new KeptBody(present, length, budget);
  }
  return readOrPassOn(exchange, length, budget);
}

async function readKept(exchange: Exchange, length: number, budget: ByteBudget): Promise<RequestBody> {
  try {
    return new KeptBody(await exchange.readBody(), length, budget);
  } catch (error) {
    budget.give(length);
    throw error;
  }
}

async function readOrPassOn(exchange: Exchange, length: number | undefined, budget: ByteBudget): Promise<RequestBody> {
  const chunks = exchange.bodyStream()[Symbol.asyncIterator]();
  if (length !== undefined) return passedOn([], chunks);
  // A body of unknown length may turn out small.
  if (!budget.take(keepBytes)) return passedOn([], chunks);
  const begun: Buffer[] = [];
  let size = 0;
  try {
    while (size <= keepBytes) {
      const next = await chunks.next();
      if (next.done) {
        budget.give(keepBytes - size);
        return new KeptBody(Buffer.concat(begun, size), size, budget);
      }
      begun.push(next.value);
      size += next.value.length;
    }
  } catch (error) {
    budget.give(keepBytes);
    throw error;
  }
  budget.give(keepBytes);
  return passedOn(begun, chunks);
}

class KeptBody implements RequestBody {
  readonly available = true;
  private readonly bytes: Buffer;
  private readonly reserved: number;
  private readonly budget: ByteBudget;

  constructor(bytes: Buffer, reserved: number, budget: ByteBudget) {
    this.bytes = bytes;
    this.reserved = reserved;
    this.budget = budget;
  }

  get keptBytes(): number {
    return this.bytes.length;
  }

  take(): Buffer {
    return this.bytes;
  }

  discard(): void {
    this.budget.give(this.reserved);
  }
}

function passedOn(begun: readonly Buffer[], rest: AsyncIterator<Buffer>): RequestBody {
  async function* chunks(): AsyncGenerator<Buffer> {
    yield* begun;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  let taken = false;
  return {
    keptBytes: 0,
    get available() {
      return !taken;
    },
    take() {
      taken = true;
      return chunks();
    },
    discard() {
      // A reader that has begun holds a timer until it is told to return; it never fails at that.
      void rest.return?.();
    },
  };
}
