import { reflectionRequest, reflectionResponse } from "../files/reflection-proto.ts";
import { decodeMessage } from "../schema/decode-message.ts";
import { encodeMessage } from "../schema/encode-message.ts";
import { describeFile } from "../schema/file-descriptor.ts";
import { type ProtoFile, serviceName } from "../schema/proto-file.ts";

/** NOT_FOUND, https://grpc.io/docs/guides/status-codes/. */
const notFound = 5;

/** Answers one request of gRPC's server reflection from the files that a server knows. Throws `badRequest` when it is malformed. */
export function answerReflection(files: readonly ProtoFile[], message: Buffer): Buffer {
  const request = decodeMessage(reflectionRequest, message);
  const answer = (what: object) =>
    encodeMessage(reflectionResponse, { validHost: request.host, originalRequest: request, ...what });
  const missing = (errorMessage: string) => answer({ errorResponse: { errorCode: notFound, errorMessage } });
  const { fileByFilename, fileContainingSymbol, allExtensionNumbersOfType, listServices } = request;
  if (listServices !== undefined) {
    return answer({ listServicesResponse: { service: files.map((file) => ({ name: serviceName(file) })) } });
  }
  if (fileByFilename !== undefined || fileContainingSymbol !== undefined) {
    const file = files.find((candidate) =>
      fileByFilename === undefined ? declares(candidate, fileContainingSymbol!) : candidate.path === fileByFilename,
    );
    if (file === undefined) return missing("This server does not know it.");
    return answer({ fileDescriptorResponse: { fileDescriptorProto: [describeFile(file)] } });
  }
  if (allExtensionNumbersOfType !== undefined && files.some((file) => declares(file, allExtensionNumbersOfType))) {
    return answer({ allExtensionNumbersResponse: { baseTypeName: allExtensionNumbersOfType } });
  }
  return missing("There are no extensions here.");
}

function declares(file: ProtoFile, symbol: string): boolean {
  const service = serviceName(file);
  if (symbol === service || Object.keys(file.service.methods).some((method) => symbol === `${service}.${method}`)) return true;
  return [...file.messages, ...(file.enums ?? [])].some(({ name }) => symbol === `${file.package}.${name}`);
}
