import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { type ByteBudget, type Clock, SlipwayError } from "@slipway/base";
import type { Route, User } from "../route/route.ts";
import type { Outgoing } from "./outgoing.ts";
import { BodyReader, clientLeft, hasBody } from "./read-body.ts";
import { ResponseStream } from "./response-stream.ts";
import type { WholeRequest } from "./whole-request.ts";

/** Headers of an answer, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | number>>;

/** The body of an answer; a list of bytes is sent one after the other, without a copy. */
export type AnswerBody = Uint8Array | readonly Uint8Array[] | string;

/** Hears when the client leaves before its answer is complete. */
export interface LeaveWatcher {
  clientLeft(): void;
}

/** What every exchange of one server shares. */
export interface ExchangeContext {
  readonly clock: Clock;
  /** What bodies that are read whole may hold together, from their first byte until they are answered. */
  readonly bodyBudget: ByteBudget | undefined;
  /** Aborted when the server begins to drain. */
  readonly closing: AbortSignal;
  /** Whether each connection ends with its next answer. */
  readonly lastAnswers: () => boolean;
  /** Milliseconds a reader may take for nothing, and bytes per second it must take at least. */
  readonly stallMs: number;
  readonly floorBytesPerSecond: number;
  /** Called when a slow reader is cut off. */
  readonly onSlowReader: () => void;
  readonly nextRequestId: () => string;
  /** Answers with an error. Never throws. */
  readonly fail: (exchange: Exchange, error: unknown) => void;
}

/** A client may go on sending a body nobody wants for this long, so that it can read why; then the connection is cut. */
const lingerMs = 1_000;

/** One request and its answer: a thin layer over Node's objects, because inference passes through here. */
export class Exchange {
  /** As sent, e.g. `HEAD` on a GET route. */
  readonly method: string;
  /** The raw path, percent-encoded, without query. */
  readonly path: string;
  /** The matched route; undefined until then, so in errors of requests that match none. */
  route: Route | undefined = undefined;
  /** Decoded parameters of the route's path. */
  params: Readonly<Record<string, string>> = {};
  /** Who sent it, on routes that need a token. */
  user: User | undefined = undefined;
  private readonly request: IncomingMessage | WholeRequest;
  private readonly response: Outgoing & { writeContinue?(): void };
  private readonly context: ExchangeContext;
  private readonly search: string;
  private readonly expectsContinue: boolean;
  private parsedQuery: URLSearchParams | undefined = undefined;
  private aborter: AbortController | undefined = undefined;
  private watcher: LeaveWatcher | undefined = undefined;
  private wholeTaken = false;
  private id: string | undefined = undefined;
  private reader: BodyReader | undefined = undefined;
  private bodyFailure: SlipwayError | undefined = undefined;
  private bodyMs = Number.POSITIVE_INFINITY;
  private endLinger: (() => void) | undefined = undefined;

  /** `target` is the origin-form target: path and query. */
  constructor(
    request: IncomingMessage | WholeRequest,
    response: Outgoing & { writeContinue?(): void },
    context: ExchangeContext,
    target: string,
    expectsContinue: boolean,
  ) {
    this.request = request;
    this.response = response;
    this.context = context;
    this.method = request.method ?? "GET";
    const mark = target.indexOf("?");
    this.path = mark === -1 ? target : target.slice(0, mark);
    this.search = mark === -1 ? "" : target.slice(mark + 1);
    this.expectsContinue = expectsContinue;
  }

  /** Request headers, names in lower case; what only a trusted proxy may say (`Forwarded`, `X-Forwarded-*`, …) has been removed. */
  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  get query(): URLSearchParams {
    this.parsedQuery ??= new URLSearchParams(this.search);
    return this.parsedQuery;
  }

  /** Names this request in logs and in answers with an error. */
  get requestId(): string {
    this.id ??= this.context.nextRequestId();
    return this.id;
  }

  /** Who hears that the client leaves before its answer is complete; one at a time. What {@link signal} is to others, without its cost: half a microsecond and a kilobyte. */
  watchLeaving(watcher: LeaveWatcher | undefined): void {
    this.watcher = watcher;
  }

  /** Aborted when the client leaves before its answer is complete. */
  get signal(): AbortSignal {
    if (this.aborter === undefined) {
      this.aborter = new AbortController();
      if (this.left) this.aborter.abort(clientLeft());
    }
    return this.aborter.signal;
  }

  /** Aborted when the server begins to drain: endless answers end then, others finish. */
  get closing(): AbortSignal {
    return this.context.closing;
  }

  /** Whether the head of an answer has been sent. */
  get answered(): boolean {
    return this.response.headersSent;
  }

  /** Whether the client has gone before its answer was complete. */
  get left(): boolean {
    return this.response.destroyed && !this.response.writableFinished;
  }

  /** Whether the client is on this machine. */
  get local(): boolean {
    const address = this.request.socket.remoteAddress;
    return address === undefined || /^(::1$|127\.|::ffff:127\.)/.test(address);
  }

  /** What a handler makes of the head alone; made once while a client repeats its head. A route may ask for one thing only. */
  fromHead<Made>(make: () => Made): Made {
    const { request } = this;
    if (!("whole" in request)) return make();
    request.memory.made ??= make();
    return request.memory.made as Made;
  }

  /** Whether the whole request has been received. */
  get received(): boolean {
    return this.request.complete;
  }

  /** Shortens the time the body may take, in milliseconds, to less than its route allows: nobody waits longer for its answer. Call before reading. */
  hurryBody(ms: number): void {
    this.bodyMs = ms;
  }

  /** The whole body. Throws `tooLarge` (413), `requestTimeout` (408), `unsupportedMediaType` (415, an encoding that the route does not take), `badRequest` (framing, broken encoding) or `cancelled`. A body of several chunks has its byte at `alignAt` at a multiple of 8 in memory. */
  readBody({ alignAt }: { readonly alignAt?: number | undefined } = {}): Promise<Buffer> {
    return this.body().all(alignAt);
  }

  /** The body when it came with its head and is given on as it is; undefined when it must be read. Counts as reading it. */
  presentBody(): Buffer | undefined {
    const { request, route } = this;
    if (!("whole" in request) || route === undefined || this.reader !== undefined || this.wholeTaken) return undefined;
    if (request.headers["content-encoding"] !== undefined && route.encodedBodies !== "pass") return undefined;
    if (request.whole.length > route.limits.bodyBytes) return undefined;
    this.wholeTaken = true;
    return request.whole;
  }

  /** The body as it arrives, under the same limits; for bodies too large to hold. */
  bodyStream(): AsyncIterable<Buffer> {
    return this.body().stream();
  }

  /** Sends the whole answer; a list of bytes is sent one after the other. Does nothing when the client has left. */
  send(status: number, headers: AnswerHeaders, body?: AnswerBody): void {
    const { response } = this;
    const length = byteLength(body);
    if (!this.writeHead(status, headers, length)) return;
    const whole = isList(body) ? this.writePieces(body) : body;
    if (this.mustLinger()) {
      if (whole === undefined) response.flushHeaders();
      else response.write(whole);
      if (isList(body)) response.uncork();
      this.linger();
      return;
    }
    // A text goes out in one piece with the head; one of ASCII alone needs no encoding for it.
    if (typeof whole === "string" && length === whole.length) response.end(whole, "latin1");
    else response.end(whole);
    // What the kernel took at once, as it does of most answers, needs no watch.
    if (!response.writableFinished) response.once("close", this.watchStall(response.writableLength));
  }

  /** Calls back once the whole answer is with the kernel, and never when the client left before: then its memory may be used again. */
  whenSent(callback: () => void): void {
    const { response } = this;
    if (response.writableFinished) callback();
    else
      response.once("close", () => {
        if (response.writableFinished) callback();
      });
  }

  /** Sends a value as JSON. */
  sendJson(status: number, value: unknown, headers: AnswerHeaders = {}): void {
    this.send(status, { "content-type": "application/json", ...headers }, JSON.stringify(value));
  }

  /** Begins an answer of unknown length; its head is sent at once. */
  stream(status: number, headers: AnswerHeaders): ResponseStream {
    this.writeHead(status, headers, undefined);
    if (!this.left) this.response.flushHeaders();
    return new ResponseStream(this.response, (bytes) => this.watchStall(bytes));
  }

  /** Answers with an error as if the handler had thrown it: for one that hears of it later without a promise. Never throws. */
  fail(error: unknown): void {
    this.context.fail(this, error);
  }

  /** The server's: ends reading of the body with an error the parser found. */
  failBody(error: SlipwayError): void {
    this.bodyFailure ??= error;
    this.reader?.fail(error);
    this.endLinger?.();
  }

  /** The server's: the connection or the answer has ended. */
  onClose(): void {
    this.reader?.release();
    if (this.response.writableFinished) return;
    this.watcher?.clientLeft();
    this.aborter?.abort(clientLeft());
  }

  /** The server's: breaks off an answer that failed after its head was sent. */
  cut(): void {
    this.response.destroy();
  }

  private body(): BodyReader {
    if (this.route === undefined) throw new SlipwayError("internal", "The body of a request without a route was read.");
    if (this.wholeTaken) throw new SlipwayError("internal", "The body of a request was read twice.");
    if (this.reader === undefined) {
      const { bodyBytes, bodyMs } = this.route.limits;
      const { encodedBodies = "refuse" } = this.route;
      const limits = { bodyBytes, bodyMs: Math.min(bodyMs, this.bodyMs), encodedBodies };
      const beforeRead = () => {
        if (this.expectsContinue && !this.response.headersSent) this.response.writeContinue?.();
      };
      this.reader = new BodyReader(this.request, limits, this.context.clock, beforeRead, this.context.bodyBudget);
      if (this.bodyFailure !== undefined) this.reader.fail(this.bodyFailure);
    }
    return this.reader;
  }

  /** False when there is nobody to answer. */
  private writeHead(status: number, headers: AnswerHeaders, length: number | undefined): boolean {
    const { response } = this;
    if (response.headersSent) throw new SlipwayError("internal", "A request was answered twice.");
    if (response.destroyed) return false;
    const list: (string | number)[] = [];
    for (const name in headers) list.push(name, headers[name]!);
    if (length !== undefined && status !== 204 && status !== 304) list.push("content-length", length);
    if (this.context.lastAnswers() || this.mustLinger()) list.push("connection", "close");
    response.writeHead(status, list);
    return true;
  }

  /** An answer before the end of the body: the rest would be taken for the next request, so the connection ends. */
  private mustLinger(): boolean {
    return !this.request.complete && hasBody(this.request);
  }

  /** The answer is out; closing now would reset the connection and the client might never read it. */
  private linger(): void {
    const { request, response } = this;
    if ("whole" in request) return;
    const finish = () => {
      cancel();
      request.off("end", finish).off("close", finish);
      this.endLinger = undefined;
      if (!response.writableEnded) response.end();
    };
    const cancel = this.context.clock.after(lingerMs, finish);
    this.endLinger = finish;
    if (this.bodyFailure !== undefined) finish();
    else request.on("end", finish).on("close", finish).resume();
  }

  /** Writes all pieces but the last, which it returns; they leave together with it, when the answer ends or is uncorked. */
  private writePieces(pieces: readonly Uint8Array[]): Uint8Array | undefined {
    const { response } = this;
    const last = pieces.length - 1;
    response.cork();
    for (let index = 0; index < last; index += 1) response.write(pieces[index]!);
    return pieces[last];
  }

  private watchStall(bytes: number): () => void {
    const { context, response } = this;
    return context.clock.after(context.stallMs + (bytes / context.floorBytesPerSecond) * 1_000, () => {
      context.onSlowReader();
      response.destroy();
    });
  }
}

function isList(body: AnswerBody | undefined): body is readonly Uint8Array[] {
  return Array.isArray(body);
}

function byteLength(body: AnswerBody | undefined): number {
  if (body === undefined) return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (!isList(body)) return body.byteLength;
  let length = 0;
  for (const piece of body) length += piece.byteLength;
  return length;
}
