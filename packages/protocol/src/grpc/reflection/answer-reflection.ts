import { protoFiles } from "../generated/proto-files.ts";
import { type ReflectionResponse, reflectionRequest, reflectionResponse } from "../messages/reflection-messages.ts";
import { isDeclared, serviceNames } from "../proto/proto-root.ts";

/** NOT_FOUND, https://grpc.io/docs/guides/status-codes/. */
const notFound = 5;

/** Answers one request of gRPC's server reflection from our files. Throws `badRequest` when it is malformed. */
export function answerReflection(message: Buffer): Buffer {
  const request = reflectionRequest.decode(message);
  const answer = (what: Partial<ReflectionResponse>) =>
    reflectionResponse.encode({ validHost: request.host, originalRequest: request, ...what });
  const missing = (errorMessage: string) => answer({ errorResponse: { errorCode: notFound, errorMessage } });
  switch (request.messageRequest) {
    case "listServices":
      return answer({ listServicesResponse: { service: serviceNames.map((name) => ({ name })) } });
    case "fileByFilename":
    case "fileContainingSymbol": {
      const file =
        request.messageRequest === "fileByFilename"
          ? protoFiles.find(({ path }) => path === request.fileByFilename)
          : fileOf(request.fileContainingSymbol);
      if (file === undefined) return missing("This server does not know it.");
      const fileDescriptorProto = [Buffer.from(file.descriptor, "base64")];
      return answer({ fileDescriptorResponse: { fileDescriptorProto } });
    }
    case "allExtensionNumbersOfType": {
      const baseTypeName = request.allExtensionNumbersOfType;
      if (fileOf(baseTypeName) !== undefined) return answer({ allExtensionNumbersResponse: { baseTypeName } });
    }
  }
  return missing("There are no extensions here.");
}

function fileOf(symbol: string) {
  return isDeclared(symbol) ? protoFiles.find((file) => symbol.startsWith(`${file.package}.`)) : undefined;
}
