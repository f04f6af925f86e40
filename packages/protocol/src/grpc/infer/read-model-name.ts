import { requestHead } from "../messages/request-head.ts";

/** Which model a request is for. */
export interface RequestedModel {
  readonly model: string;
  /** Empty when none is asked for. */
  readonly version: string;
  /** The caller's name for the request; empty when it has none. */
  readonly id: string;
}

/** Which model a request is for, from the bytes of a `ModelInferRequest`: tensors are passed over unread, so that a gateway's work does not grow with them. Throws `badRequest` when the message is malformed. */
export function readModelName(message: Buffer): RequestedModel {
  const { modelName: model, modelVersion: version, id } = requestHead.decode(message);
  return { model, version, id };
}
