import type { BytesList } from "../wire/bytes-list.ts";
import type { NumberLists } from "../wire/packed.ts";

/** Protobuf's scalar types that we use, and what a single value of each is in memory. */
export interface Scalars {
  bool: boolean;
  int32: number;
  uint32: number;
  int64: bigint;
  uint64: bigint;
  float: number;
  double: number;
  string: string;
  bytes: Uint8Array;
}

/** A key of {@link Scalars}. */
export type Scalar = keyof Scalars;

/** An enumeration: on the wire and in memory its number. */
export interface EnumType {
  readonly name: string;
  readonly values: Readonly<Record<string, number>>;
}

/** What a field can hold. */
export type FieldType = Scalar | EnumType | MessageType;

/** One field. In TypeScript its name is in camel case, in protobuf in snake case. */
export interface Field {
  readonly number: number;
  readonly type: FieldType;
  /** `map` has text keys and messages as values. */
  readonly label: "single" | "repeated" | "map";
  /** The name of the oneof that it is of: then it is undefined when absent, and written when it is not. */
  readonly oneof?: string;
}

/** Fields by their names. */
export type Fields = Readonly<Record<string, Field>>;

/** One message type: the table that decoding, encoding, descriptors and the `.proto` text come from. */
export interface MessageType<F extends Fields = Fields> {
  /** Within its package; a nested one has its parent's name and a dot before its own. */
  readonly name: string;
  readonly fields: F;
  /** Fields and their names by number. */
  readonly byNumber: readonly (readonly [name: string, field: Field] | undefined)[];
}

type One<T> = T extends Scalar ? Scalars[T] : T extends EnumType ? number : T extends MessageType<infer F> ? Decoded<F> : never;
type Many<T> = T extends keyof NumberLists
  ? NumberLists[T]
  : T extends "string"
    ? readonly string[]
    : T extends "bytes"
      ? BytesList
      : readonly One<T>[];
type FieldValue<F extends Field> = F["label"] extends "map"
  ? ReadonlyMap<string, One<F["type"]>>
  : F["label"] extends "repeated"
    ? Many<F["type"]>
    : F extends { readonly oneof: string }
      ? One<F["type"]> | undefined
      : F["type"] extends MessageType
        ? One<F["type"]> | undefined
        : One<F["type"]>;

/** A message of these fields after decoding: absent scalars have protobuf's defaults, absent messages are undefined. */
export type Decoded<F extends Fields> = { readonly [K in keyof F]: FieldValue<F[K]> };

/** A message of a type. */
export type MessageOf<T extends MessageType> = T extends MessageType<infer F> ? Decoded<F> : never;

/** What can be encoded: whatever is left out has its default. A list of bytes may be an array. */
export type Encodable<F extends Fields> = {
  readonly [K in keyof F]?: F[K]["label"] extends "repeated"
    ? F[K]["type"] extends "bytes"
      ? readonly Uint8Array[] | BytesList
      : F[K]["type"] extends MessageType<infer G>
        ? readonly Encodable<G>[]
        : FieldValue<F[K]>
    : F[K]["label"] extends "map"
      ? F[K]["type"] extends MessageType<infer G>
        ? ReadonlyMap<string, Encodable<G>>
        : never
      : F[K]["type"] extends MessageType<infer G>
        ? Encodable<G> | undefined
        : FieldValue<F[K]> | undefined;
};

/** A message type of these fields. */
export function messageType<const F extends Fields>(name: string, fields: F): MessageType<F> {
  const byNumber: (readonly [string, Field] | undefined)[] = [];
  for (const [fieldName, field] of Object.entries(fields)) byNumber[field.number] = [fieldName, field];
  return { name, fields, byNumber };
}

/** A field with at most one value. */
export function one<const T extends FieldType>(number: number, type: T) {
  return { number, type, label: "single" } as const;
}

/** A field with any number of values. */
export function many<const T extends FieldType>(number: number, type: T) {
  return { number, type, label: "repeated" } as const;
}

/** A field that is a map from texts. */
export function map<const T extends MessageType>(number: number, type: T) {
  return { number, type, label: "map" } as const;
}

/** A field of a oneof. */
export function choice<const T extends FieldType>(oneof: string, number: number, type: T) {
  return { number, type, label: "single", oneof } as const;
}

/** A field's name in protobuf. */
export function protoName(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}
