import { MessageType } from "../proto/message-type.ts";

/** The first fields of a `ModelInferRequest`, to which all others are unknown fields: they are passed over unread. */
export const requestHead = new MessageType<{ modelName: string; modelVersion: string; id: string }>(
  "inference.ModelInferRequest",
  ["modelName", "modelVersion", "id"],
);
