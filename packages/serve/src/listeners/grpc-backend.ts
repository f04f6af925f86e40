import { type Clock, SlipwayError } from "@slipway/base";
import type { GrpcCall, GrpcMethod } from "@slipway/http";
import { grpcMediaType, loadGrpcProtocol, offeredExtensions, type ServiceBackend } from "@slipway/protocol";
import { bytesOf, type Operation } from "../replica/inference-call.ts";
import type { InferenceTarget } from "../replica/inference-target.ts";
import { LoadableModel } from "../repository/loadable-model.ts";

const empty = new Uint8Array(0);
const headers = { "content-type": grpcMediaType } as const;

/** The methods that one model has over gRPC; a {@link LoadableModel} is also a repository of one. */
export async function loadGrpcMethods(
  target: InferenceTarget,
  options: { readonly version: string; readonly clock: Clock },
): Promise<GrpcMethod[]> {
  const { grpcMethods } = await loadGrpcProtocol();
  return grpcMethods(new TargetBackend(target, options)).map(({ path, manyRequests, handler }) => ({
    path,
    manyRequests,
    access: { type: "open" },
    handler,
  }));
}

class TargetBackend implements ServiceBackend<GrpcCall> {
  readonly clock: Clock;
  readonly version: string;
  readonly extensions: readonly string[];
  private readonly target: InferenceTarget;

  constructor(target: InferenceTarget, { clock, version }: { readonly clock: Clock; readonly version: string }) {
    this.target = target;
    this.clock = clock;
    this.version = version;
    this.extensions = offeredExtensions(target instanceof LoadableModel);
  }

  notReady(): string | undefined {
    return this.target.notReady();
  }

  ask(call: GrpcCall, what: "metadata" | "ready", model: string, version: string) {
    return this.handle(call, what, empty, model, version);
  }

  infer(call: GrpcCall, message: Buffer, model: string, version: string) {
    return this.handle(call, "infer", message, model, version);
  }

  index() {
    return [this.repository("").entry];
  }

  load(_call: GrpcCall, model: string): Promise<void> {
    return this.repository(model).load();
  }

  unload(_call: GrpcCall, model: string): Promise<void> {
    return this.repository(model).unload();
  }

  private async handle(call: GrpcCall, operation: Operation, body: Uint8Array, model: string, version: string) {
    const { left: cancelled, deadlineAt } = call;
    if (cancelled) throw new SlipwayError("cancelled", "The caller gave up.");
    const caller = {
      deadlineAt,
      get cancelled() {
        return call.left;
      },
    };
    const revision = version === "" ? {} : { revision: version };
    const answer = await this.target.handle({ model, ...revision, operation, headers, body, caller });
    return { ...answer, body: bytesOf(answer.body) };
  }

  /** The model as one that can be loaded and unloaded; an empty name means whichever it is. */
  private repository(model: string): LoadableModel {
    const { target } = this;
    if (!(target instanceof LoadableModel)) throw new SlipwayError("unimplemented", "There is no model repository here.");
    if (model !== "") target.demandName(model);
    return target;
  }
}
