export { type FrameListener, type FrameListenerOptions, listenFrames } from "./listeners/frame-listener.ts";
export { type HttpListenerOptions, serveHttp } from "./listeners/http-listener.ts";
export type { Caller } from "./queue/dispatcher.ts";
export type { InferenceAnswer, InferenceCall, Operation } from "./replica/inference-call.ts";
export type { Replica, ReplicaIdentity, ReplicaState } from "./replica/replica.ts";
export { type ReplicaOptions, startReplica } from "./replica/start-replica.ts";
export type { InferReply, ModelRunner } from "./runners/model-runner.ts";
export { onnxParameters } from "./runners/onnx/onnx-settings.ts";
export type { Tolerance } from "./warm-up/compare-tensors.ts";
