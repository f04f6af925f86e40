import { SlipwayError } from "@slipway/base";
import protobuf from "protobufjs/light.js";
import { BoundedReader } from "./bounded-reader.ts";
import { protoRoot } from "./proto-root.ts";

/** A message type of the `.proto` files. Its fields are in camel case; absent ones have protobuf's defaults. */
export class MessageType<T extends object> {
  protected readonly type: protobuf.Type;

  /** `name` has its package before it; there must be such a type. With `only`, all other fields are passed over like unknown ones. */
  constructor(name: string, only?: readonly (keyof T & string)[]) {
    const type = protoRoot.lookupType(name);
    this.type = only === undefined ? type : part(type, only);
  }

  /** The message in bytes; unknown fields are passed over. Bytes are views. Throws `badRequest` when it is malformed. */
  decode(bytes: Buffer): T {
    try {
      return this.type.decode(new BoundedReader(bytes)) as unknown as T;
    } catch (error) {
      throw error instanceof SlipwayError ? error : malformed(error);
    }
  }

  /** The bytes of a message; what is left out has its default. */
  encode(message: { readonly [K in keyof T]?: T[K] | undefined }): Buffer {
    return this.type.encode(message as unknown as protobuf.Message).finish() as Buffer;
  }

  /** What stands before the bytes of a field (of bytes or of a message) that is appended to a message instead of being copied into it. */
  prefix(field: keyof T & string, size: number): Uint8Array {
    return protobuf.Writer.create()
      .uint32((this.type.fields[field]!.id << 3) | 2)
      .uint32(size)
      .finish();
  }
}

function part(type: protobuf.Type, names: readonly string[]): protobuf.Type {
  const fields = Object.fromEntries(names.map((name) => [name, type.fields[name]!.toJSON() as protobuf.IField]));
  return protobuf.Root.fromJSON({ nested: { [type.name]: { fields } } }).lookupType(type.name);
}

/** The bytes are not protobuf, or not of this message. */
function malformed(cause: unknown): SlipwayError {
  return new SlipwayError("badRequest", "The message is not well-formed protobuf.", {
    hint: "Send a message of the Open Inference Protocol, without the prefix that gRPC puts before it.",
    cause,
  });
}
