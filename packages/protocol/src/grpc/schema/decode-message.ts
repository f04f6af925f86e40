import { SlipwayError } from "@slipway/base";
import { BytesList, noBytes } from "../wire/bytes-list.ts";
import { emptyNumbers, isNumberType, NumberCollector, type NumberList, numberWireType, readPacked } from "../wire/packed.ts";
import { malformed, WireReader, wireType } from "../wire/wire-reader.ts";
import type { Decoded, Field, Fields, MessageType } from "./message-type.ts";

/** Messages, texts and map entries that one message may hold. Two bytes make one, so without a bound they would cost a hundred times what they weigh. */
const mostEntries = 16_384;

/** A message from its bytes; unknown fields are passed over as protobuf asks, and repeated fields keep views of the bytes where they can. Throws `badRequest` when it is malformed. */
export function decodeMessage<F extends Fields>(type: MessageType<F>, bytes: Buffer): Decoded<F> {
  return new Decoder(bytes).message(type, new WireReader(bytes)) as Decoded<F>;
}

/** A message under construction. */
type Values = Record<string, unknown>;

class Decoder {
  private readonly bytes: Buffer;
  private entries = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  message(type: MessageType, reader: WireReader): Values {
    const values = { ...defaults(type) };
    let collectors: Map<string, NumberCollector> | undefined;
    while (reader.at < reader.end) {
      const tag = reader.tag();
      const wire = tag & 7;
      const known = type.byNumber[tag >>> 3];
      if (known === undefined) {
        reader.skip(wire);
        continue;
      }
      const [name, field] = known;
      if (field.label === "repeated" && isNumberType(field.type)) {
        const begun = values[name] as NumberList;
        if (wire === wireType.bytes && begun.length === 0 && !collectors?.has(name)) {
          // As every encoder writes it: all of them in one piece.
          values[name] = readPacked(field.type, reader, this.bytes);
          continue;
        }
        collectors ??= new Map();
        const collector = collectors.get(name) ?? new NumberCollector(field.type, begun);
        collectors.set(name, collector);
        if (wire === wireType.bytes) collector.packed(reader, this.bytes);
        else if (wire === numberWireType(field.type)) collector.single(reader);
        else throw malformed();
      } else if (wire !== fieldWireType(field)) {
        throw malformed();
      } else {
        this.field(values, type, name, field, reader);
      }
    }
    if (collectors !== undefined) for (const [name, collector] of collectors) values[name] = collector.list();
    return values;
  }

  private field(values: Values, type: MessageType, name: string, field: Field, reader: WireReader): void {
    if (field.label === "map") {
      this.count();
      this.entry(values, name, field.type as MessageType, reader);
    } else if (field.label === "repeated" && field.type === "bytes") {
      if (values[name] === noBytes) values[name] = new BytesList(this.bytes);
      const end = reader.length();
      (values[name] as BytesList).add(reader.at, end);
      reader.at = end;
    } else if (field.label === "repeated") {
      this.count();
      const list = values[name] as unknown[];
      if (list.length === 0) values[name] = [this.value(field, reader)];
      else list.push(this.value(field, reader));
    } else {
      // The last member of a oneof wins; so does the last value of any other field.
      if (field.oneof !== undefined) {
        for (const other in type.fields) if (type.fields[other]!.oneof === field.oneof) values[other] = undefined;
      }
      values[name] = this.value(field, reader);
    }
  }

  private entry(values: Values, name: string, type: MessageType, reader: WireReader): void {
    const end = reader.length();
    const inner = new WireReader(this.bytes, reader.at, end);
    let key = "";
    let value: Values | undefined;
    while (inner.at < inner.end) {
      const tag = inner.tag();
      if (tag === ((1 << 3) | wireType.bytes)) key = inner.string();
      else if (tag === ((2 << 3) | wireType.bytes)) value = this.nested(type, inner);
      else inner.skip(tag & 7);
    }
    reader.at = end;
    const entries = values[name] as Map<string, Values>;
    const grown = entries.size === 0 ? new Map<string, Values>() : entries;
    grown.set(key, value ?? defaults(type));
    values[name] = grown;
  }

  private value(field: Field, reader: WireReader): unknown {
    const { type } = field;
    switch (type) {
      case "bool":
        return reader.bool();
      case "int32":
        return reader.int32();
      case "uint32":
        return reader.uint32();
      case "int64":
        return reader.bigint(true);
      case "uint64":
        return reader.bigint(false);
      case "float":
        return reader.float();
      case "double":
        return reader.double();
      case "string":
        return reader.string();
      case "bytes":
        return reader.view();
      default:
        return "values" in type ? reader.int32() : this.nested(type, reader);
    }
  }

  private nested(type: MessageType, reader: WireReader): Values {
    const end = reader.length();
    const values = this.message(type, new WireReader(this.bytes, reader.at, end));
    reader.at = end;
    return values;
  }

  private count(): void {
    this.entries += 1;
    if (this.entries > mostEntries) {
      throw new SlipwayError("badRequest", `The message has more than ${mostEntries} tensors, parameters and names.`);
    }
  }
}

function fieldWireType({ type, label }: Field): number {
  if (label === "map" || type === "string" || type === "bytes") return wireType.bytes;
  if (typeof type === "string") return numberWireType(type);
  return "values" in type ? wireType.varint : wireType.bytes;
}

const noEntries: ReadonlyMap<string, unknown> = new Map();
const noValues: readonly never[] = Object.freeze([]);

const emptyMessages = new WeakMap<MessageType, Values>();

/** What an empty message holds; copied, never changed. */
function defaults(type: MessageType): Values {
  let values = emptyMessages.get(type);
  if (values === undefined) {
    values = {};
    for (const name in type.fields) values[name] = defaultOf(type.fields[name]!);
    emptyMessages.set(type, values);
  }
  return values;
}

function defaultOf({ type, label, oneof }: Field): unknown {
  if (label === "map") return noEntries;
  if (label === "repeated") {
    if (isNumberType(type)) return emptyNumbers[type];
    return type === "bytes" ? noBytes : noValues;
  }
  if (oneof !== undefined) return undefined;
  if (typeof type !== "string") return "values" in type ? 0 : undefined;
  if (type === "string") return "";
  if (type === "bytes") return noBytes.at(0);
  if (type === "bool") return false;
  return type === "int64" || type === "uint64" ? 0n : 0;
}
