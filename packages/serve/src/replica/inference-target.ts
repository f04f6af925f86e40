import type { InferenceAnswer, InferenceCall } from "./inference-call.ts";
import type { OpenaiAnswer, OpenaiCall } from "./openai-call.ts";
import type { ReplicaIdentity } from "./replica.ts";

/** What a listener needs of whatever answers its calls: a replica, or a model that may be unloaded for a while. */
export interface InferenceTarget {
  readonly identity: ReplicaIdentity;
  /** Whether it is a model of text, for the OpenAI API; others take tensors. */
  readonly speaksOpenai: boolean;
  /** Why no requests should come now, one sentence; undefined when they may. */
  notReady(): string | undefined;
  /** Answers a call; whatever goes wrong is that call's answer. Never rejects. */
  handle(call: InferenceCall): Promise<InferenceAnswer>;
  /** Answers a call of the OpenAI API; whatever goes wrong is that call's answer. Never rejects. */
  openai(call: OpenaiCall): Promise<OpenaiAnswer>;
  /** An error as an answer to a call with these headers, for listeners that fail before the target is asked. */
  answerError(caught: unknown, headers: InferenceCall["headers"]): InferenceAnswer;
}
