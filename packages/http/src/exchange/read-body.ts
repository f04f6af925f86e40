import type { IncomingMessage } from "node:http";
import { type ByteBudget, type Clock, HeldBytes, joinAligned, SlipwayError } from "@slipway/base";
import { type ContentEncoding, contentEncoding } from "../encoding/content-encoding.ts";
import { inflateBody, inflateWhole } from "../encoding/inflate-body.ts";
import type { EncodedBodies, Limits } from "../route/route.ts";
import type { WholeRequest } from "./whole-request.ts";

const empty = Buffer.alloc(0);

/** Chunks of a body arrive as views of 64 KiB reads; this many small ones are merged so that one-byte chunks cost no more than their bytes. */
const mergeEvery = 1024;

/** A chunk of this size that fills its memory has it for itself. */
const ownBytes = 16 * 1024;

/** How much longer than what it holds a compressed body may be: none of the codings adds more to what it cannot compress. */
const encodingOverhead = 1.01;
const encodingOverheadBytes = 1024;

/** What a {@link BodyReader} holds a body to. */
export interface BodyLimits extends Limits {
  readonly encodedBodies: EncodedBodies;
}

/** Reads a request's body once, within its route's limits. */
export class BodyReader {
  private readonly request: IncomingMessage | WholeRequest;
  private readonly limits: BodyLimits;
  /** Most bytes that may come in; of a body to inflate, that is not yet the limit of what it holds. */
  private mostBytes: number;
  private readonly clock: Clock;
  private readonly beforeRead: () => void;
  /** What the whole body takes of the budget. */
  private readonly held: HeldBytes;
  private used = false;
  private failure: SlipwayError | undefined;
  private onFailure: ((error: SlipwayError) => void) | undefined;

  /** `beforeRead` is called when reading begins: there a `100 Continue` is sent. What is read whole counts in the `budget` until {@link release}. */
  constructor(
    request: IncomingMessage | WholeRequest,
    limits: BodyLimits,
    clock: Clock,
    beforeRead: () => void,
    budget: ByteBudget | undefined,
  ) {
    this.request = request;
    this.limits = limits;
    this.mostBytes = limits.bodyBytes;
    this.clock = clock;
    this.beforeRead = beforeRead;
    this.held = new HeldBytes(budget);
  }

  /** Nobody holds the body any more. */
  release(): void {
    this.held.release();
  }

  /** Ends reading with an error that was found elsewhere, e.g. by the parser in a chunk's length. */
  fail(error: SlipwayError): void {
    this.failure ??= error;
    this.onFailure?.(error);
  }

  /** The whole body; the chunk itself, not a copy, when it came as one. Otherwise its byte at `alignAt` is at a multiple of 8 in memory. */
  all(alignAt = 0): Promise<Buffer> {
    let encoding: ContentEncoding | undefined;
    try {
      encoding = this.begin();
    } catch (error) {
      return Promise.reject(error);
    }
    const { request } = this;
    if (!hasBody(request)) return Promise.resolve(empty);
    if (encoding !== undefined) return inflateWhole(this.rawStream(), { ...this.inflating(encoding), alignAt });
    if ("whole" in request) return Promise.resolve(request.whole);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let merged = 0;
      let total = 0;
      const onData = (chunk: Buffer) => {
        total += chunk.length;
        if (total > this.mostBytes) {
          settle(this.tooLarge());
          return;
        }
        try {
          this.held.hold(chunk.length);
        } catch (error) {
          settle(SlipwayError.from(error));
          return;
        }
        chunks.push(chunk);
        if (chunks.length - merged >= mergeEvery) {
          chunks.push(Buffer.concat(chunks.splice(merged)));
          merged += 1;
        }
      };
      const onEnd = () => settle(undefined);
      const onClose = () => settle(clientLeft());
      const cancelDeadline = this.clock.after(this.limits.bodyMs, () => settle(this.tooSlow()));
      const settle = (error: SlipwayError | undefined) => {
        cancelDeadline();
        this.onFailure = undefined;
        request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
        if (error === undefined) resolve(chunks.length === 1 ? chunks[0]! : joinReceived(chunks, total, alignAt));
        else {
          this.release();
          request.on("error", ignore).pause();
          reject(error);
        }
      };
      this.onFailure = settle;
      request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
    });
  }

  /** The body as it arrives; the reader's pace is the sender's. */
  async *stream(): AsyncGenerator<Buffer, void, undefined> {
    const encoding = this.begin();
    if (!hasBody(this.request)) return;
    yield* encoding === undefined ? this.rawStream() : inflateBody(this.rawStream(), this.inflating(encoding));
  }

  private async *rawStream(): AsyncGenerator<Buffer, void, undefined> {
    const { request } = this;
    if ("whole" in request) {
      yield request.whole;
      return;
    }
    let wake: () => void = ignore;
    const onEvent = () => wake();
    const onFailure = (error: SlipwayError) => {
      this.failure ??= error;
      wake();
    };
    this.onFailure = onFailure;
    const onClose = () => onFailure(clientLeft());
    const cancelDeadline = this.clock.after(this.limits.bodyMs, () => onFailure(this.tooSlow()));
    request.on("readable", onEvent).on("end", onEvent).on("close", onClose).on("error", onClose);
    let total = 0;
    try {
      for (;;) {
        const chunk = request.read() as Buffer | null;
        if (chunk !== null) {
          total += chunk.length;
          if (total > this.mostBytes) throw this.tooLarge();
          yield chunk;
        } else if (request.readableEnded) {
          return;
        } else {
          if (this.failure !== undefined) throw this.failure;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      cancelDeadline();
      this.onFailure = undefined;
      request.on("error", ignore).off("readable", onEvent).off("end", onEvent).off("close", onClose).off("error", onClose);
    }
  }

  /** Checks what can be checked before a byte is read; returns what the body is to be inflated from. */
  private begin(): ContentEncoding | undefined {
    if (this.used) throw new SlipwayError("internal", "The body of a request was read twice.");
    this.used = true;
    if (this.failure !== undefined) throw this.failure;
    const { headers } = this.request;
    const encoding = this.encoding(headers["content-encoding"]);
    if (encoding !== undefined) this.mostBytes = Math.ceil(this.limits.bodyBytes * encodingOverhead) + encodingOverheadBytes;
    // The parser has refused anything but digits already.
    const length = headers["content-length"];
    if (length !== undefined && Number(length) > this.mostBytes) throw this.tooLarge();
    this.beforeRead();
    return encoding;
  }

  private encoding(header: string | undefined): ContentEncoding | undefined {
    const { encodedBodies } = this.limits;
    if (header === undefined || header === "" || encodedBodies === "pass") return undefined;
    if (encodedBodies === "inflate") return contentEncoding(header);
    if (header.toLowerCase() === "identity") return undefined;
    throw new SlipwayError("unsupportedMediaType", `The content encoding ${JSON.stringify(header)} is not read here.`, {
      hint: "Send the body uncompressed, without Content-Encoding.",
    });
  }

  private inflating(encoding: ContentEncoding) {
    // Who inflates reads no more; the reader of the socket must not wait for bytes then.
    const { hold } = this.held;
    return { encoding, limit: this.limits.bodyBytes, hold, onFailure: (error: SlipwayError) => this.fail(error) };
  }

  private tooLarge(): SlipwayError {
    return new SlipwayError("tooLarge", `The body is larger than ${this.limits.bodyBytes} bytes, the limit of this route.`);
  }

  private tooSlow(): SlipwayError {
    return new SlipwayError("requestTimeout", `The body did not arrive within ${this.limits.bodyMs} ms.`);
  }
}

/** Whether the request's headers announce a body. */
export function hasBody(request: Pick<IncomingMessage, "headers">): boolean {
  const { headers } = request;
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** What a handler sees when its client has gone. */
export function clientLeft(): SlipwayError {
  return new SlipwayError("cancelled", "The client closed the connection.");
}

/** The chunks as one. Their own memory is given back at once: left to the garbage collector, large bodies would have it run every few requests. */
function joinReceived(chunks: readonly Buffer[], total: number, alignAt: number): Buffer {
  const joined = joinAligned(chunks, total, alignAt, Buffer.allocUnsafeSlow);
  for (const { buffer, byteLength } of chunks) {
    if (byteLength >= ownBytes && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
  return joined;
}

function ignore(): void {}
