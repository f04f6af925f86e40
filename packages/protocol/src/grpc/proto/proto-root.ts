import protobuf from "protobufjs/light.js";
import { protoRoot as json, protoFiles } from "../generated/proto-files.ts";

/** Everything that the `.proto` files declare. */
export const protoRoot = protobuf.Root.fromJSON(json as protobuf.INamespace).resolveAll();

/** The full names of the services, in the order of their files. */
export const serviceNames: readonly string[] = protoFiles.flatMap((file) =>
  (protoRoot.lookup(file.package) as protobuf.Namespace).nestedArray
    .filter((declared) => declared instanceof protobuf.Service)
    .map((service) => service.fullName.slice(1)),
);

/** Whether there is a message, enumeration, field, service or method of this full name. */
export function isDeclared(name: string): boolean {
  const found = protoRoot.lookup(name);
  // The library also finds what is deeper than the name says.
  return found !== null && found.fullName === `.${name}`;
}
