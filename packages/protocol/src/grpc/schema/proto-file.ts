import type { EnumType, MessageType } from "./message-type.ts";

/** One method of a service. */
export interface ProtoMethod {
  readonly request: MessageType;
  readonly response: MessageType;
  readonly streams?: "requests" | "both" | "responses";
}

/** A service and its methods by name. */
export interface ProtoService {
  readonly name: string;
  readonly methods: Readonly<Record<string, ProtoMethod>>;
}

/** What one `.proto` file declares. */
export interface ProtoFile {
  /** As other files would import it, e.g. `grpc/health/v1/health.proto`. */
  readonly path: string;
  readonly package: string;
  readonly service: ProtoService;
  /** All of them, nested ones after their parents. */
  readonly messages: readonly MessageType[];
  /** Nested in the message that their name begins with. */
  readonly enums?: readonly EnumType[];
}

/** The path of a method in a request: `/PACKAGE.SERVICE/METHOD`. */
export function methodPath(file: ProtoFile, method: string): string {
  return `/${serviceName(file)}/${method}`;
}

/** A service's full name. */
export function serviceName(file: ProtoFile): string {
  return `${file.package}.${file.service.name}`;
}
