import { isNumberType, type NumberList, writePacked } from "../wire/packed.ts";
import { wireType } from "../wire/wire-reader.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import type { Encodable, Field, Fields, MessageType } from "./message-type.ts";

/** The bytes of a message; fields in the order of their table, what has its default is left out. */
export function encodeMessage<F extends Fields>(type: MessageType<F>, message: Encodable<F>): Buffer {
  return writeMessage(type, message).whole();
}

/** The bytes of a message in pieces, and how many there are: what is large in it is not copied. */
export function encodePieces<F extends Fields>(
  type: MessageType<F>,
  message: Encodable<F>,
): { readonly pieces: readonly Uint8Array[]; readonly size: number } {
  const writer = writeMessage(type, message);
  return { pieces: writer.pieces(), size: writer.size };
}

function writeMessage(type: MessageType, message: object): WireWriter {
  const writer = new WireWriter();
  const values = message as Record<string, unknown>;
  for (const name in type.fields) {
    const value = values[name];
    if (value !== undefined) writeField(writer, type.fields[name]!, value);
  }
  return writer;
}

function writeField(writer: WireWriter, field: Field, value: unknown): void {
  const { number, type, label } = field;
  if (label === "map") {
    for (const [key, entry] of value as ReadonlyMap<string, object>) {
      const pair = new WireWriter();
      pair.tag(1, wireType.bytes);
      pair.string(key);
      pair.tag(2, wireType.bytes);
      pair.nested(writeMessage(type as MessageType, entry));
      writer.tag(number, wireType.bytes);
      writer.nested(pair);
    }
  } else if (label === "single") {
    if (field.oneof !== undefined || !isDefault(value)) writeValue(writer, field, value);
  } else if (isNumberType(type)) {
    writePacked(writer, number, type, value as NumberList);
  } else {
    const list = value as { readonly length: number; at(index: number): unknown };
    for (let index = 0; index < list.length; index += 1) writeValue(writer, field, list.at(index));
  }
}

function writeValue(writer: WireWriter, { number, type }: Field, value: unknown): void {
  switch (type) {
    case "string":
      writer.tag(number, wireType.bytes);
      writer.string(value as string);
      return;
    case "bytes":
      writer.tag(number, wireType.bytes);
      writer.bytes(value as Uint8Array);
      return;
    case "float":
      writer.tag(number, wireType.fixed32);
      writer.float(value as number);
      return;
    case "double":
      writer.tag(number, wireType.fixed64);
      writer.double(value as number);
      return;
    default:
      if (typeof type === "object" && "fields" in type) {
        writer.tag(number, wireType.bytes);
        writer.nested(writeMessage(type, value as object));
        return;
      }
      writer.tag(number, wireType.varint);
      writer.bigint(BigInt(value as number | bigint | boolean));
  }
}

function isDefault(value: unknown): boolean {
  return (
    value === "" || value === false || value === 0n || Object.is(value, 0) || (value instanceof Uint8Array && value.length === 0)
  );
}
