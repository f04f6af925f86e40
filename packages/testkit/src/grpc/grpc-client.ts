import { type ChannelOptions, Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { systemClock } from "@slipway/base";
import protobuf from "protobufjs";

/** The Open Inference Protocol's service as a client of other libraries sees it, made from the committed `.proto` text. */
export class GrpcClient {
  readonly client: Client;
  private readonly root: protobuf.Root;
  private readonly service: protobuf.Service;

  constructor(port: number, proto: string, service = "inference.GRPCInferenceService", options: ChannelOptions = {}) {
    this.root = protobuf.parse(proto).root;
    this.service = this.root.lookupService(service);
    this.client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
  }

  /** Calls a unary method; rejects with its status. */
  call(
    name: string,
    request: object,
    more: { metadata?: Record<string, string>; deadlineMs?: number } = {},
  ): Promise<Record<string, never>> {
    const { path, encode, decode } = this.method(name);
    const deadline = more.deadlineMs === undefined ? {} : { deadline: systemClock.now() + more.deadlineMs };
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(path, encode, decode, request, metadataOf(more.metadata), deadline, (error, answer) =>
        error === null ? resolve(answer as never) : reject(error),
      );
    });
  }

  /** What a call is refused with. */
  async refused(
    name: string,
    request: object,
    more: { metadata?: Record<string, string>; deadlineMs?: number } = {},
  ): Promise<ServiceError> {
    try {
      await this.call(name, request, more);
    } catch (error) {
      return error as ServiceError;
    }
    throw new Error(`${name} succeeded`);
  }

  /** Begins a call in which both sides send any number of messages. */
  stream(name: string, metadata: Record<string, string> = {}) {
    const { path, encode, decode } = this.method(name);
    return this.client.makeBidiStreamRequest(path, encode, decode, metadataOf(metadata), {});
  }

  /** Begins a call that is answered by any number of messages. */
  watch(name: string, request: object) {
    const { path, encode, decode } = this.method(name);
    return this.client.makeServerStreamRequest(path, encode, decode, request, new Metadata(), {});
  }

  close(): void {
    this.client.close();
  }

  private method(name: string) {
    const { requestType, responseType } = this.service.methods[name]!;
    const Request = this.service.parent!.lookup(requestType) as protobuf.Type;
    const Response = this.service.parent!.lookup(responseType) as protobuf.Type;
    return {
      path: `/${this.service.fullName.slice(1)}/${name}`,
      encode: (message: object) => Buffer.from(Request.encode(Request.fromObject(message)).finish()),
      decode: (bytes: Buffer) => Response.toObject(Response.decode(bytes), { longs: String, arrays: true }),
    };
  }
}

function metadataOf(entries: Record<string, string> = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}
