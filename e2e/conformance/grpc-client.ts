import { join } from "node:path";
import {
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type requestCallback,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { systemClock } from "@slipway/base";
import protobuf from "protobufjs";
import { Mismatch } from "./case.ts";

const protos = new protobuf.Root();
protos.loadSync(
  ["inference", "health", "reflection"].map((name) => join(import.meta.dirname, "protos", `${name}.proto`)),
  { keepCase: true },
);

/** A message as a plain object: 64-bit integers are decimal text, bytes are buffers. */
export type Message = { readonly [field: string]: unknown };

/** How a call ended. */
export interface Outcome {
  /** A number of gRPC's status codes, `0` is OK. */
  readonly code: number;
  readonly details: string;
  /** What came, in order; one at most for a unary call. */
  readonly messages: readonly Message[];
}

/** A call: its path, and the types of its messages. */
export interface Method {
  readonly path: string;
  readonly request: string;
  readonly response: string;
}

/** A method of the inference service. */
export function inference(name: string, request = `${name}Request`, response = `${name}Response`): Method {
  return { path: `/inference.GRPCInferenceService/${name}`, request: `inference.${request}`, response: `inference.${response}` };
}

/** How a call is made. */
export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string | Buffer>>;
  /** Milliseconds until its deadline; 20 s when absent. */
  readonly deadlineMs?: number;
  /** Leaves the call when this many answers came. */
  readonly enough?: number;
}

/** gRPC by a client that others wrote, with messages that the suite encodes by itself. */
export class GrpcClient {
  /** HOST:PORT. */
  readonly address: string;
  private readonly client: Client;

  constructor(address: string) {
    this.address = address;
    this.client = new Client(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
  }

  /** Makes a call of one message. Bytes go out as they are. */
  call(method: Method, request: Message | Buffer, options: CallOptions = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.unary(method, request, options, (error, value) => {
        if (error !== null) resolve({ code: error.code, details: error.details, messages: [] });
        else settle(resolve, reject, () => ({ code: status.OK, details: "", messages: [decode(method.response, value!)] }));
      });
    });
  }

  /** Sends messages on a stream, all at once, and reads it to its end. */
  stream(method: Method, requests: readonly Message[], options: CallOptions = {}): Promise<Outcome> {
    const { path, metadata, deadline } = this.parts(method, {}, options);
    return new Promise((resolve, reject) => {
      const call = this.client.makeBidiStreamRequest(path, asTheyAre, asTheyAre, metadata, { deadline });
      const raw: Buffer[] = [];
      const ended = (code: number, details: string) =>
        settle(resolve, reject, () => ({ code, details, messages: raw.map((bytes) => decode(method.response, bytes)) }));
      call.on("data", (bytes: Buffer) => {
        raw.push(bytes);
        if (raw.length === options.enough) {
          ended(status.OK, "");
          call.cancel();
        }
      });
      call.on("error", ({ code, details }: ServiceError) => ended(code, details));
      call.on("status", ({ code, details }) => ended(code, details));
      for (const request of requests) call.write(encode(method.request, request));
      call.end();
    });
  }

  /** Makes a call and leaves it after so many milliseconds. */
  leave(method: Method, request: Message, afterMs: number): Promise<number> {
    return new Promise((resolve) => {
      const call = this.unary(method, request, {}, (error) => resolve(error?.code ?? status.OK));
      systemClock.after(afterMs, () => call.cancel());
    });
  }

  private unary(method: Method, request: Message | Buffer, options: CallOptions, done: requestCallback<Buffer>): ClientUnaryCall {
    const { path, metadata, deadline, encoded } = this.parts(method, request, options);
    return this.client.makeUnaryRequest(path, asTheyAre, asTheyAre, encoded, metadata, { deadline }, done);
  }

  private parts({ path, request }: Method, message: Message | Buffer, { metadata = {}, deadlineMs = 20_000 }: CallOptions) {
    const sent = new Metadata();
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
    return {
      path,
      metadata: sent,
      deadline: systemClock.now() + deadlineMs,
      encoded: Buffer.isBuffer(message) ? message : encode(request, message),
    };
  }

  close(): void {
    this.client.close();
  }
}

function asTheyAre(bytes: Buffer): Buffer {
  return bytes;
}

/** What a callback makes, or what it throws, to whoever waits. */
function settle<T>(resolve: (value: T) => void, reject: (error: unknown) => void, make: () => T): void {
  try {
    resolve(make());
  } catch (error) {
    reject(error);
  }
}

/** The bytes of a message. */
export function encode(type: string, message: Message): Buffer {
  const found = protos.lookupType(type);
  return Buffer.from(found.encode(found.fromObject(message)).finish());
}

/** The message in bytes. Throws `Mismatch` when it is none. */
export function decode(type: string, bytes: Buffer): Message {
  const found = protos.lookupType(type);
  try {
    return found.toObject(found.decode(bytes), {
      longs: String,
      bytes: Buffer,
      defaults: true,
      arrays: true,
      enums: String,
      oneofs: true,
    }) as Message;
  } catch (error) {
    throw new Mismatch(`a message ${type}`, `${bytes.length} bytes: ${String(error)}`);
  }
}
