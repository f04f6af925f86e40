import { choice, many, messageType, one } from "../schema/message-type.ts";
import type { ProtoFile } from "../schema/proto-file.ts";

const extensionRequest = messageType("ExtensionRequest", {
  containingType: one(1, "string"),
  extensionNumber: one(2, "int32"),
});

/** Each request of ServerReflectionInfo. */
export const reflectionRequest = messageType("ServerReflectionRequest", {
  host: one(1, "string"),
  fileByFilename: choice("message_request", 3, "string"),
  fileContainingSymbol: choice("message_request", 4, "string"),
  fileContainingExtension: choice("message_request", 5, extensionRequest),
  allExtensionNumbersOfType: choice("message_request", 6, "string"),
  listServices: choice("message_request", 7, "string"),
});

const fileDescriptorResponse = messageType("FileDescriptorResponse", { fileDescriptorProto: many(1, "bytes") });
const extensionNumberResponse = messageType("ExtensionNumberResponse", {
  baseTypeName: one(1, "string"),
  extensionNumber: many(2, "int32"),
});
const serviceResponse = messageType("ServiceResponse", { name: one(1, "string") });
const listServiceResponse = messageType("ListServiceResponse", { service: many(1, serviceResponse) });
const errorResponse = messageType("ErrorResponse", { errorCode: one(1, "int32"), errorMessage: one(2, "string") });

/** Each answer of ServerReflectionInfo. */
export const reflectionResponse = messageType("ServerReflectionResponse", {
  validHost: one(1, "string"),
  originalRequest: one(2, reflectionRequest),
  fileDescriptorResponse: choice("message_response", 4, fileDescriptorResponse),
  allExtensionNumbersResponse: choice("message_response", 5, extensionNumberResponse),
  listServicesResponse: choice("message_response", 6, listServiceResponse),
  errorResponse: choice("message_response", 7, errorResponse),
});

/** `grpc.reflection.v1.ServerReflection`, and the same under the name it had before, which older clients ask for. */
export const reflectionProtos: readonly ProtoFile[] = ["v1", "v1alpha"].map((version) => ({
  path: `grpc/reflection/${version}/reflection.proto`,
  package: `grpc.reflection.${version}`,
  service: {
    name: "ServerReflection",
    methods: { ServerReflectionInfo: { request: reflectionRequest, response: reflectionResponse, streams: "both" } },
  },
  messages: [
    reflectionRequest,
    extensionRequest,
    reflectionResponse,
    fileDescriptorResponse,
    extensionNumberResponse,
    listServiceResponse,
    serviceResponse,
    errorResponse,
  ],
}));
