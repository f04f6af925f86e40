import { encodeMessage } from "./encode-message.ts";
import { type EnumType, type Field, type MessageType, many, messageType, one, protoName, type Scalar } from "./message-type.ts";
import type { ProtoFile } from "./proto-file.ts";

// The part of google/protobuf/descriptor.proto that our files need.
const methodDescriptor = messageType("MethodDescriptorProto", {
  name: one(1, "string"),
  inputType: one(2, "string"),
  outputType: one(3, "string"),
  clientStreaming: one(5, "bool"),
  serverStreaming: one(6, "bool"),
});
const serviceDescriptor = messageType("ServiceDescriptorProto", { name: one(1, "string"), method: many(2, methodDescriptor) });
const enumValue = messageType("EnumValueDescriptorProto", { name: one(1, "string"), number: alsoZero(2) });
const enumDescriptor = messageType("EnumDescriptorProto", { name: one(1, "string"), value: many(2, enumValue) });
const fieldDescriptor = messageType("FieldDescriptorProto", {
  name: one(1, "string"),
  number: one(3, "int32"),
  label: one(4, "int32"),
  type: one(5, "int32"),
  typeName: one(6, "string"),
  oneofIndex: alsoZero(9),
  jsonName: one(10, "string"),
});
const messageOptions = messageType("MessageOptions", { mapEntry: one(7, "bool") });
const oneofDescriptor = messageType("OneofDescriptorProto", { name: one(1, "string") });
/** Nested messages are written as bytes of the same type, one level down. */
const messageDescriptor = messageType("DescriptorProto", {
  name: one(1, "string"),
  field: many(2, fieldDescriptor),
  nestedType: many(3, "bytes"),
  enumType: many(4, enumDescriptor),
  options: one(7, messageOptions),
  oneofDecl: many(8, oneofDescriptor),
});
const fileDescriptor = messageType("FileDescriptorProto", {
  name: one(1, "string"),
  package: one(2, "string"),
  messageType: many(4, "bytes"),
  service: many(6, serviceDescriptor),
  syntax: one(12, "string"),
});

const typeNumbers: Readonly<Record<Scalar | "message" | "enum", number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  bool: 8,
  string: 9,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
};

/** A file as `google.protobuf.FileDescriptorProto`, which reflection hands out. */
export function describeFile(file: ProtoFile): Buffer {
  const root = `.${file.package}`;
  return encodeMessage(fileDescriptor, {
    name: file.path,
    package: file.package,
    messageType: file.messages.filter(({ name }) => !name.includes(".")).map((message) => describeMessage(message, file, root)),
    service: [
      {
        name: file.service.name,
        method: Object.entries(file.service.methods).map(([name, { request, response, streams }]) => ({
          name,
          inputType: `${root}.${request.name}`,
          outputType: `${root}.${response.name}`,
          clientStreaming: streams === "both" || streams === "requests",
          serverStreaming: streams === "both" || streams === "responses",
        })),
      },
    ],
    syntax: "proto3",
  });
}

/** Descriptors are of an older protobuf, in which 0 and nothing are not the same: it is written when there is one, as a member of a oneof is. */
function alsoZero<const N extends number>(number: N) {
  return { number, type: "int32", label: "single", oneof: `of ${number}` } as const;
}

function describeMessage(message: MessageType, file: ProtoFile, root: string): Buffer {
  const oneofs = [...new Set(Object.values(message.fields).flatMap(({ oneof }) => oneof ?? []))];
  const nested = childrenOf(message, file.messages).map((child) => describeMessage(child, file, root));
  const entries = Object.entries(message.fields)
    .filter(([, field]) => field.label === "map")
    .map(([name, field]) => mapEntry(entryName(name), field.type as MessageType, root));
  return encodeMessage(messageDescriptor, {
    name: lastName(message.name),
    field: Object.entries(message.fields).map(([name, field]) => describeField(name, field, message, oneofs, root)),
    nestedType: [...nested, ...entries],
    enumType: childrenOf(message, file.enums ?? []).map(describeEnum),
    oneofDecl: oneofs.map((name) => ({ name })),
  });
}

function describeField(name: string, field: Field, message: MessageType, oneofs: readonly string[], root: string) {
  const { number, type, label, oneof } = field;
  const isMap = label === "map";
  return {
    name: protoName(name),
    number,
    label: label === "single" ? 1 : 3,
    type: typeNumbers[typeof type === "string" ? type : "values" in type ? "enum" : "message"],
    ...(isMap
      ? { typeName: `${root}.${message.name}.${entryName(name)}` }
      : typeof type === "string"
        ? {}
        : { typeName: `${root}.${type.name}` }),
    ...(oneof === undefined ? {} : { oneofIndex: oneofs.indexOf(oneof) }),
    jsonName: name,
  };
}

/** Protobuf writes a map as a repeated message of key and value. */
function mapEntry(name: string, value: MessageType, root: string): Buffer {
  return encodeMessage(messageDescriptor, {
    name,
    field: [
      { name: "key", number: 1, label: 1, type: typeNumbers.string, jsonName: "key" },
      { name: "value", number: 2, label: 1, type: typeNumbers.message, typeName: `${root}.${value.name}`, jsonName: "value" },
    ],
    options: { mapEntry: true },
  });
}

function describeEnum({ name, values }: EnumType) {
  return { name: lastName(name), value: Object.entries(values).map(([text, number]) => ({ name: text, number })) };
}

function childrenOf<T extends { readonly name: string }>(parent: MessageType, all: readonly T[]): T[] {
  return all.filter(({ name }) => name.startsWith(`${parent.name}.`) && !name.slice(parent.name.length + 1).includes("."));
}

function entryName(field: string): string {
  return `${field[0]!.toUpperCase()}${field.slice(1)}Entry`;
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
