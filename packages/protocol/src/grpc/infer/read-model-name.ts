import { WireReader, wireType } from "../wire/wire-reader.ts";

const nameTag = (1 << 3) | wireType.bytes;
const versionTag = (2 << 3) | wireType.bytes;
const idTag = (3 << 3) | wireType.bytes;

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
  const reader = new WireReader(message);
  let model = "";
  let version = "";
  let id = "";
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === nameTag) model = reader.string();
    else if (tag === versionTag) version = reader.string();
    else if (tag === idTag) id = reader.string();
    else reader.skip(tag & 7);
  }
  return { model, version, id };
}
