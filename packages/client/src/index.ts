export {
  type AppliedConfiguration,
  type ApplyOptions,
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type DeleteOptions,
  type ListOptions,
  type ResourceList,
  type WriteOptions,
} from "./client/client.ts";
export { createInference, type Inference, type InferenceOptions, type InferenceTarget } from "./inference/inference.ts";
export { statusToError } from "./status/status-to-error.ts";
export type { Fetch, FetchInit, FetchResponse } from "./transport/transport.ts";
export type { WatchEvent, WatchOptions } from "./watch/watch.ts";
