import { readFileSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";

/** What packages/protocol is made from, by the paths that `import` in a `.proto` file would name. */
const paths = [
  "inference/grpc_service.proto",
  "grpc/health/v1/health.proto",
  "grpc/reflection/v1/reflection.proto",
  "grpc/reflection/v1alpha/reflection.proto",
];

/** The module that has all `.proto` files of `directory` as the library loads them, and as reflection hands them out. */
export function protoModule(directory: string): string {
  const root = new protobuf.Root();
  // Descriptors have names as the text has them; in TypeScript they are in camel case.
  const asWritten = new protobuf.Root();
  const packages = paths.map((path) => {
    const text = readFileSync(join(directory, path), "utf8");
    protobuf.parse(text, asWritten, { keepCase: true });
    return protobuf.parse(text, root).package!;
  });
  asWritten.resolveAll();
  const described = asWritten.toDescriptor("proto3").file!;
  const files = paths.map((path, index) => {
    const name = packages[index]!;
    const file = described.find((candidate) => candidate.package === name)!;
    const namespace = asWritten.lookup(name) as protobuf.Namespace;
    for (const message of file.messageType!) complete(message, namespace.lookupType(message.name!));
    for (const service of file.service!) {
      for (const method of service.method!) {
        const { requestType, responseType } = namespace.lookupService(service.name!).methods[method.name!]!;
        method.inputType = namespace.lookupType(requestType).fullName;
        method.outputType = namespace.lookupType(responseType).fullName;
      }
    }
    const bytes = descriptor.FileDescriptorProto.encode({ ...file, name: path }).finish();
    return { path, package: name, descriptor: Buffer.from(bytes).toString("base64") };
  });
  return `// Generated from proto/ by \`npm run generate\`; do not edit.
/** All messages and services, as protobufjs loads them. */
export const protoRoot = ${JSON.stringify(root.toJSON())};

/** The files: how others import them, what they declare, and each as \`google.protobuf.FileDescriptorProto\` in base64. */
export const protoFiles: readonly { readonly path: string; readonly package: string; readonly descriptor: string }[] = ${JSON.stringify(files)};
`;
}

/** Makes a descriptor what protoc writes, to the byte: other implementations demand its names of types and of the entries of a map. */
function complete(message: descriptor.IDescriptorProto, type: protobuf.Type): void {
  const fields = type.fieldsArray;
  message.field!.forEach((field, index) => {
    const { resolvedType, map } = fields[index]!.resolve();
    field.jsonName ||= field.name!;
    if (map) {
      const entry = message.nestedType!.find(({ name }) => name === field.typeName)!;
      entry.name = `${entry.name}Entry`;
      field.typeName = `${type.fullName}.${entry.name}`;
      for (const part of entry.field!) part.jsonName = part.name!;
      if (resolvedType !== null) entry.field!.find(({ name }) => name === "value")!.typeName = resolvedType.fullName;
    } else if (resolvedType !== null) field.typeName = resolvedType.fullName;
  });
  message.nestedType!.sort((a, b) => Number(a.options?.mapEntry ?? false) - Number(b.options?.mapEntry ?? false));
  for (const nested of message.nestedType!) {
    const inner = type.nested?.[nested.name!];
    if (inner instanceof protobuf.Type) complete(nested, inner);
  }
}
