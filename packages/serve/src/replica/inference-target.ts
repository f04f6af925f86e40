import type { InferenceAnswer, InferenceCall } from "./inference-call.ts";
import type { ReplicaIdentity } from "./replica.ts";

/** What a listener needs of whatever answers its calls: a replica, or a model that may be unloaded for a while. */
export interface InferenceTarget {
  readonly identity: ReplicaIdentity;
  /** Why no requests should come now, one sentence; undefined when they may. */
  notReady(): string | undefined;
  /** Answers a call; whatever goes wrong is that call's answer. Never rejects. */
  handle(call: InferenceCall): Promise<InferenceAnswer>;
  /** An error as an answer to a call with these headers, for listeners that fail before the target is asked. */
  answerError(caught: unknown, headers: InferenceCall["headers"]): InferenceAnswer;
}
