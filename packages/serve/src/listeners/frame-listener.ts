import type { Duplex } from "node:stream";
import { type ByteBudget, type Clock, HeldBytes, SlipwayError } from "@slipway/base";
import { contentEncoding, inflateWhole } from "@slipway/http";
import { binaryHeader, binaryHeaderLength, type FrameRequest, type FrameServer, serveFrames } from "@slipway/protocol";
import { answerEncoding, compressAnswer } from "../replica/compress-answer.ts";
import { bytesOf, type InferenceAnswer, type Operation } from "../replica/inference-call.ts";
import type { OpenaiAnswer, OpenaiOperation } from "../replica/openai-call.ts";
import { openaiError } from "../replica/openai-error.ts";
import type { ServedReplica } from "../replica/served-replica.ts";
import { freeBody } from "../runners/own-memory.ts";
import { defaultBodyBudget } from "./body-budget.ts";
import type { FrameTransport } from "./frame-transport.ts";

/** What {@link listenFrames} needs. */
export interface FrameListenerOptions {
  readonly replica: ServedReplica;
  readonly transport: FrameTransport;
  /** Largest request body in bytes. Default 64 MiB. */
  readonly bodyLimit?: number;
  /** What request bodies may hold together; default 256 MiB, or twice the largest. */
  readonly bodyBudget?: ByteBudget;
  /** How long a gateway may take to close its connection after go-away, once it has all its answers, milliseconds. Default 1 s. */
  readonly lingerMs?: number;
  readonly clock: Clock;
}

/** A replica's listener for gateways. */
export interface FrameListener {
  /** Gateways connected now. */
  readonly connections: number;
  /** Says go-away on every connection, and at once on every new one; resolves when every gateway has closed its own and everything accepted is answered. */
  drain(): Promise<void>;
  /** Ends all connections and listens no more. */
  close(): Promise<void>;
}

/** The operation of each path after a model's name, with its method. */
const operations: Readonly<Record<string, { readonly operation: Operation; readonly method: "GET" | "POST" }>> = {
  "": { operation: "metadata", method: "GET" },
  metadata: { operation: "metadata", method: "GET" },
  ready: { operation: "ready", method: "GET" },
  infer: { operation: "infer", method: "POST" },
};

/** The operation of each path of the OpenAI API. */
const openaiOperations: Readonly<Record<string, OpenaiOperation>> = {
  "v1/chat/completions": "chat",
  "v1/completions": "completion",
  "v1/embeddings": "embedding",
};

const empty = new Uint8Array(0);

/** Serves a replica to gateways, over frames on the connections of a transport. */
export async function listenFrames(options: FrameListenerOptions): Promise<FrameListener> {
  const listener = new ReplicaFrames(options);
  await listener.start();
  return listener;
}

class ReplicaFrames implements FrameListener {
  private readonly options: FrameListenerOptions;
  private readonly bodyLimit: number;
  private readonly budget: ByteBudget;
  private readonly open = new Set<FrameServer>();
  private stop: () => Promise<void> = async () => {};
  private draining = false;

  constructor(options: FrameListenerOptions) {
    this.options = options;
    this.bodyLimit = options.bodyLimit ?? 64 * 1024 * 1024;
    this.budget = options.bodyBudget ?? defaultBodyBudget(this.bodyLimit);
  }

  get connections(): number {
    return this.open.size;
  }

  async start(): Promise<void> {
    this.stop = await this.options.transport((socket) => this.accept(socket));
  }

  async drain(): Promise<void> {
    this.draining = true;
    for (const connection of this.open) connection.goAway();
    // Also those that come meanwhile: a gateway that has not heard go-away yet may be about to send.
    while (this.open.size > 0) await Promise.all([...this.open].map((connection) => connection.drained()));
    await this.options.replica.drain();
  }

  async close(): Promise<void> {
    for (const connection of this.open) connection.destroy();
    await this.stop();
  }

  private accept(socket: Duplex): void {
    const { clock, lingerMs } = this.options;
    const connection = serveFrames(socket, (request) => void this.serve(request), {
      clock,
      ...(lingerMs === undefined ? {} : { lingerMs }),
    });
    this.open.add(connection);
    if (this.draining) connection.goAway();
    void connection.closed.then(() => this.open.delete(connection));
  }

  private async serve(request: FrameRequest): Promise<void> {
    const misled = this.misled(request);
    if (misled !== undefined) {
      request.refuse(misled);
      return;
    }
    const { replica } = this.options;
    const { namespace, model, revision, headers } = request.head;
    const held = new HeldBytes(this.budget);
    const { path } = request.head;
    if (Object.hasOwn(openaiOperations, path)) {
      await this.serveOpenai(request, openaiOperations[path]!, held);
      return;
    }
    let answer: InferenceAnswer;
    try {
      const operation = operationOf(request.head);
      const body = operation === "infer" ? await this.readBody(request, held) : empty;
      answer = await replica.handle({ namespace, model, revision, operation, headers, body, caller: request });
      freeBody(body);
      // The gateway passes on only what may be honoured: it knows where the client is.
      const encoding = answerEncoding(answer, headers["accept-encoding"], false);
      if (encoding !== undefined) answer = await compressAnswer(answer, encoding);
    } catch (error) {
      answer = replica.answerError(error, headers);
    }
    held.release();
    // A caller that has left gets nothing; saying so would only be dropped.
    if (!request.cancelled) request.respond({ status: answer.status, headers: answer.headers }, bytesOf(answer.body));
  }

  private async serveOpenai(request: FrameRequest, operation: OpenaiOperation, held: HeldBytes): Promise<void> {
    const { replica } = this.options;
    const { namespace, model, method } = request.head;
    let answer: OpenaiAnswer;
    try {
      if (method !== "POST") throw new SlipwayError("methodNotAllowed", "The method must be POST.");
      const body = await this.readBody(request, held);
      answer = await replica.openai({ namespace, model, operation, body, signal: request.signal });
    } catch (error) {
      answer = openaiError(SlipwayError.from(error));
    }
    held.release();
    const { status, headers, body } = answer;
    if (!request.cancelled) request.respond({ status, headers }, typeof body === "string" ? Buffer.from(body) : body);
  }

  private readBody({ head: { headers }, body }: FrameRequest, { hold }: HeldBytes): Promise<Buffer> {
    const alignAt = binaryHeaderLength(headers[binaryHeader]);
    const encoding = contentEncoding(headers["content-encoding"]);
    if (encoding === undefined) return body.whole(this.bodyLimit, { alignAt, hold });
    return inflateWhole(body, { encoding, limit: this.bodyLimit, alignAt, hold });
  }

  /** In a network the address of a replica that has gone may be another's before every gateway knows. What was meant for the one is not answered by the other. */
  private misled({ head }: FrameRequest): SlipwayError | undefined {
    const { namespace, model, revision } = this.options.replica.identity;
    if (head.namespace === namespace && head.model === model && head.revision === revision) return undefined;
    return new SlipwayError("notFound", `There is no such model here: this replica serves ${namespace}/${model}, ${revision}.`);
  }
}

/** Throws `notFound` or `methodNotAllowed`. */
function operationOf({ path, method }: FrameRequest["head"]): Operation {
  const found = Object.hasOwn(operations, path) ? operations[path] : undefined;
  if (found === undefined) throw new SlipwayError("notFound", "A model has nothing at this path.");
  if (found.method !== method && !(found.method === "GET" && method === "HEAD")) {
    throw new SlipwayError("methodNotAllowed", `The method must be ${found.method}.`);
  }
  return found.operation;
}
