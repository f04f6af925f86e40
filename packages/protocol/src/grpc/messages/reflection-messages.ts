import { MessageType } from "../proto/message-type.ts";

/** What a client of server reflection asks: the field that {@link messageRequest} names. */
export interface ReflectionRequest {
  host: string;
  readonly messageRequest?:
    | "fileByFilename"
    | "fileContainingSymbol"
    | "fileContainingExtension"
    | "allExtensionNumbersOfType"
    | "listServices";
  fileByFilename: string;
  fileContainingSymbol: string;
  allExtensionNumbersOfType: string;
}

/** The answer: one of its last four fields. */
export interface ReflectionResponse {
  validHost: string;
  originalRequest: ReflectionRequest;
  fileDescriptorResponse: { readonly fileDescriptorProto: readonly Uint8Array[] };
  allExtensionNumbersResponse: { readonly baseTypeName: string };
  listServicesResponse: { readonly service: readonly { readonly name: string }[] };
  errorResponse: { readonly errorCode: number; readonly errorMessage: string };
}

/** Each request of ServerReflectionInfo; that of `v1alpha` is the same. */
export const reflectionRequest = new MessageType<ReflectionRequest>("grpc.reflection.v1.ServerReflectionRequest");

/** Each answer of ServerReflectionInfo. */
export const reflectionResponse = new MessageType<ReflectionResponse>("grpc.reflection.v1.ServerReflectionResponse");
