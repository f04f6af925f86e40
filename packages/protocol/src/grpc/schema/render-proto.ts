import { type Field, type MessageType, protoName } from "./message-type.ts";
import type { ProtoFile } from "./proto-file.ts";

/** The `.proto` text of a file, for clients that want to generate code from it. */
export function renderProto(file: ProtoFile): string {
  const methods = Object.entries(file.service.methods).map(([name, { request, response, streams }]) => {
    const from = streams === "both" || streams === "requests" ? "stream " : "";
    const to = streams === "both" || streams === "responses" ? "stream " : "";
    return `  rpc ${name}(${from}${request.name}) returns (${to}${response.name}) {}\n`;
  });
  const messages = file.messages
    .filter(({ name }) => !name.includes("."))
    .map((message) => renderMessage(message, file, "").join("\n"));
  return `syntax = "proto3";\n\npackage ${file.package};\n\nservice ${file.service.name} {\n${methods.join("")}}\n\n${messages.join("\n\n")}\n`;
}

function renderMessage(message: MessageType, file: ProtoFile, indent: string): string[] {
  const inner = `${indent}  `;
  const nested = file.messages.filter(({ name }) => isChild(name, message)).flatMap((child) => renderMessage(child, file, inner));
  const enums = (file.enums ?? [])
    .filter(({ name }) => isChild(name, message))
    .flatMap(({ name, values }) => [
      `${inner}enum ${lastName(name)} {`,
      ...Object.entries(values).map(([text, number]) => `${inner}  ${text} = ${number};`),
      `${inner}}`,
    ]);
  const fields: string[] = [];
  let oneof: string | undefined;
  for (const [name, field] of Object.entries(message.fields)) {
    if (oneof !== undefined && field.oneof !== oneof) fields.push(`${inner}}`);
    if (field.oneof !== undefined && field.oneof !== oneof) fields.push(`${inner}oneof ${field.oneof} {`);
    oneof = field.oneof;
    fields.push(`${inner}${oneof === undefined ? "" : "  "}${renderField(name, field)}`);
  }
  if (oneof !== undefined) fields.push(`${inner}}`);
  const body = [...nested, ...enums, ...fields];
  const head = `${indent}message ${lastName(message.name)} {`;
  return body.length === 0 ? [`${head}}`] : [head, ...body, `${indent}}`];
}

function renderField(name: string, { number, type, label }: Field): string {
  const text = typeof type === "string" ? type : type.name;
  const prefix = label === "repeated" ? "repeated " : "";
  return `${prefix}${label === "map" ? `map<string, ${text}>` : text} ${protoName(name)} = ${number};`;
}

function isChild(name: string, parent: MessageType): boolean {
  return name.startsWith(`${parent.name}.`) && !name.slice(parent.name.length + 1).includes(".");
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
