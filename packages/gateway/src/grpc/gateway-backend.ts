import { type Clock, SlipwayError } from "@slipway/base";
import type { GrpcCall, GrpcMethod, User } from "@slipway/http";
import { type IndexEntry, loadGrpcProtocol, offeredExtensions, type ServiceAnswer, type ServiceBackend } from "@slipway/protocol";
import { Caller } from "../access/caller.ts";
import { lostReplica } from "../forward/answer.ts";
import { forwardCall, type Load } from "../forward/forward-call.ts";
import { keptMessage } from "../forward/request-body.ts";
import { longestMs, usualMs } from "../forward/request-deadline.ts";
import type { GatewayRoutesOptions } from "../gateway-routes.ts";
import { modelsAreDeclared, repositoryIndex } from "../repository-routes.ts";
import { MessageClient } from "./message-client.ts";

/** The metadata that names a model's namespace, as the path does over REST. */
const namespaceKey = "slipway-namespace";

/** The methods that a gateway has over gRPC. */
export async function loadGrpcMethods(options: GatewayRoutesOptions, load: Load): Promise<GrpcMethod[]> {
  const { grpcMethods, answerError } = await loadGrpcProtocol();
  const backend = new GatewayBackend(options, load, answerError);
  return grpcMethods<GrpcCall>(backend).map(({ path, manyRequests, open, handler }) => ({
    path,
    manyRequests,
    access: { type: open || !options.authenticated ? "open" : "token" },
    handler,
  }));
}

/** What is asked of one model. */
interface Asked {
  readonly call: GrpcCall;
  readonly user: User | undefined;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly message: Buffer;
  readonly model: string;
  readonly version: string;
}

const nothing = Buffer.alloc(0);

/** All models behind the gateway. */
class GatewayBackend implements ServiceBackend<GrpcCall> {
  readonly clock: Clock;
  readonly version: string;
  readonly extensions = offeredExtensions(true);
  private readonly options: GatewayRoutesOptions;
  private readonly underWay: Load;
  private readonly answerError: (answer: ServiceAnswer) => SlipwayError;

  constructor(options: GatewayRoutesOptions, load: Load, answerError: (answer: ServiceAnswer) => SlipwayError) {
    this.clock = options.clock;
    this.version = options.version;
    this.options = options;
    this.underWay = load;
    this.answerError = answerError;
  }

  notReady(): string | undefined {
    return this.options.notReady();
  }

  async ask(call: GrpcCall, what: "metadata" | "ready", model: string, version: string): Promise<ServiceAnswer> {
    // Health is for everybody, but whether a model is there is not.
    const user = this.options.authenticated ? (call.user ?? (await call.authenticate())) : undefined;
    const client = new MessageClient(call, false);
    try {
      const path = what === "ready" ? "ready" : "";
      await this.forward(client, { call, user, method: "GET", path, message: nothing, model, version });
    } catch (caught) {
      const error = SlipwayError.from(caught);
      if (what !== "ready" || (error.code !== "unavailable" && error.code !== "notFound")) throw error;
      return { status: error.httpStatus, headers: {}, body: Buffer.from(JSON.stringify({ error: error.message })) };
    }
    return keptAnswer(client);
  }

  async infer(call: GrpcCall, message: Buffer, model: string, version: string): Promise<ServiceAnswer> {
    const client = new MessageClient(call, false);
    await this.forward(client, { call, user: call.user, method: "POST", path: "infer", message, model, version });
    return keptAnswer(client);
  }

  async inferInto(call: GrpcCall, message: Buffer, model: string, version: string): Promise<void> {
    const client = new MessageClient(call, true);
    await this.forward(client, { call, user: call.user, method: "POST", path: "infer", message, model, version });
    if (client.passedOn) return;
    const answer = keptAnswer(client);
    if (answer.status !== 200) throw this.answerError(answer);
    await call.send(answer.body);
  }

  index(call: GrpcCall): readonly IndexEntry[] {
    return repositoryIndex(this.options, namespaceOf(call), call.user);
  }

  load(): Promise<void> {
    return Promise.reject(modelsAreDeclared());
  }

  unload(): Promise<void> {
    return Promise.reject(modelsAreDeclared());
  }

  private forward(client: MessageClient, asked: Asked): Promise<void> {
    const { context, clock } = this.options;
    const { call, user, method, path, message, model, version } = asked;
    const target = { namespace: namespaceOf(call), model, revision: version === "" ? undefined : version };
    if (user instanceof Caller) user.demand(target.namespace, model);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    forwardCall(context, this.underWay, {
      client,
      target,
      headers: client.headers,
      method,
      path,
      deadlineAt: () => Math.min(call.deadlineAt ?? clock.monotonic() + usualMs, clock.monotonic() + longestMs),
      body: () => keptMessage(message),
      done: (error) => (error === undefined ? resolve() : reject(error)),
    });
    return promise;
  }
}

function namespaceOf({ metadata }: GrpcCall): string {
  const value = metadata[namespaceKey];
  if (value === undefined) return "default";
  if (typeof value === "string" && value !== "") return value;
  throw new SlipwayError("badRequest", `The metadata ${namespaceKey} is not one namespace.`);
}

function keptAnswer(client: MessageClient): ServiceAnswer {
  if (client.kept !== undefined) return client.kept;
  throw lostReplica();
}
