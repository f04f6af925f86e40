import { type Log, SlipwayError } from "@slipway/base";
import type { IndexEntry, ModelState } from "@slipway/protocol";
import { chooseCodec } from "../replica/choose-codec.ts";
import type { InferenceAnswer, InferenceCall } from "../replica/inference-call.ts";
import type { InferenceTarget } from "../replica/inference-target.ts";
import type { OpenaiAnswer, OpenaiCall } from "../replica/openai-call.ts";
import { openaiError } from "../replica/openai-error.ts";
import type { ReplicaIdentity } from "../replica/replica.ts";
import type { ServedReplica } from "../replica/served-replica.ts";

/** What {@link openLoadableModel} needs. */
export interface LoadableModelOptions {
  /** Starts a replica; each time of the same identity. */
  readonly start: () => Promise<ServedReplica>;
  readonly log: Log;
}

/** Loads a model that can be unloaded and loaded again. Throws what starting throws. */
export async function openLoadableModel(options: LoadableModelOptions): Promise<LoadableModel> {
  return new LoadableModel(await options.start(), options);
}

/** One model as a repository of one: loaded, or not for now. Changes happen one after the other, in the order they were asked for. */
export class LoadableModel implements InferenceTarget {
  readonly identity: ReplicaIdentity;
  readonly speaksOpenai: boolean;
  /** Resolves with the reason when the worker of the loaded model dies or is stuck: the process must end. Never rejects. */
  readonly failed: Promise<SlipwayError>;
  private readonly options: LoadableModelOptions;
  private readonly resolveFailed: (reason: SlipwayError) => void;
  private replica: ServedReplica | undefined;
  private state: ModelState = "READY";
  private reason = "";
  private changes: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(first: ServedReplica, options: LoadableModelOptions) {
    this.identity = first.identity;
    this.speaksOpenai = first.speaksOpenai;
    this.options = options;
    const failed = Promise.withResolvers<SlipwayError>();
    this.failed = failed.promise;
    this.resolveFailed = failed.resolve;
    this.take(first);
  }

  /** How it stands in the index of a repository. */
  get entry(): IndexEntry {
    const { model, revision } = this.identity;
    return { name: model, version: revision, state: this.state, reason: this.reason };
  }

  /** Throws `notFound` unless the repository has a model of this name. */
  demandName(name: string | undefined): void {
    const { model } = this.identity;
    if (name === model) return;
    throw new SlipwayError("notFound", "There is no such model in the repository.", {
      hint: `Its only model is ${JSON.stringify(model)}.`,
    });
  }

  notReady(): string | undefined {
    return this.replica === undefined ? this.unready().message : this.replica.notReady();
  }

  handle(call: InferenceCall): Promise<InferenceAnswer> {
    const { replica } = this;
    if (replica !== undefined) return replica.handle(call);
    const { model } = this.identity;
    const error = call.model === model ? this.unready() : new SlipwayError("notFound", "There is no such model here.");
    return Promise.resolve(this.answerError(error, call.headers));
  }

  openai(call: OpenaiCall): Promise<OpenaiAnswer> {
    return this.replica?.openai(call) ?? Promise.resolve(openaiError(this.unready()));
  }

  answerError(caught: unknown, headers: InferenceCall["headers"]): InferenceAnswer {
    return this.replica?.answerError(caught, headers) ?? chooseCodec(headers).error(SlipwayError.from(caught));
  }

  /** Loads the model, or anew when it is loaded: requests go to the old one until the new one is ready. Rejects with why it cannot be loaded; then the old one stays. */
  load(): Promise<void> {
    return this.change(async () => {
      const old = this.replica;
      if (old === undefined) this.state = "LOADING";
      try {
        this.take(await this.options.start());
        this.state = "READY";
        this.reason = "";
      } catch (error) {
        if (old === undefined) this.away(SlipwayError.from(error).message);
        throw error;
      }
      await old?.close();
    });
  }

  /** Takes no more requests, answers those it has, and frees the model. */
  unload(): Promise<void> {
    return this.change(async () => {
      const { replica } = this;
      if (replica === undefined) return;
      this.replica = undefined;
      this.state = "UNLOADING";
      await replica.close();
      this.away("unloaded");
    });
  }

  /** Unloads it for good. Idempotent. */
  async close(): Promise<void> {
    if (this.closed) return;
    await this.unload();
    this.closed = true;
  }

  private change(work: () => Promise<void>): Promise<void> {
    const result = this.changes.then(() => {
      if (this.closed) throw new SlipwayError("unavailable", "The server is stopping.");
      return work();
    });
    this.changes = result.catch(() => {});
    return result;
  }

  private take(replica: ServedReplica): void {
    this.replica = replica;
    void replica.failed.then((reason) => {
      if (this.replica === replica) this.resolveFailed(reason);
    });
  }

  private away(reason: string): void {
    this.state = "UNAVAILABLE";
    this.reason = reason;
    this.options.log.info("model not loaded", { reason });
  }

  /** A model that comes is worth waiting for; one that was taken away is not there. */
  private unready(): SlipwayError {
    if (this.state === "LOADING") {
      return new SlipwayError("unavailable", "The model is being loaded.", { retryAfter: 1, hint: "Try again." });
    }
    const { model } = this.identity;
    return new SlipwayError("notFound", `The model ${JSON.stringify(model)} is not loaded.`, {
      hint: `POST /v2/repository/models/${model}/load brings it back.`,
    });
  }
}
