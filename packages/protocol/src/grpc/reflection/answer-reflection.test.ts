import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { reflectionRequest, reflectionResponse } from "../messages/reflection-messages.ts";
import { answerReflection } from "./answer-reflection.ts";

// SHA-256 of each FileDescriptorProto that protoc 35.1 makes of proto/.
const ofProtoc: Readonly<Record<string, string>> = {
  "inference/grpc_service.proto": "c308c0da96f9e217e989093dcc7742ec8c85801e9e445894d7e7e4d29c924490",
  "grpc/health/v1/health.proto": "353920204cb845347cdaefa220bf1f7da07143fccf3e59b9d098d62901d83646",
  "grpc/reflection/v1/reflection.proto": "dff8fae0e8c1d89b00b44b2b51c6ecf97e7cf444aead9102dfb9728b549323ca",
  "grpc/reflection/v1alpha/reflection.proto": "ab3502f1347aeec7c1927d7a3aa93afeb312460e76625824b2a13f08fb593e56",
};

const ask = (question: object) => reflectionResponse.decode(answerReflection(reflectionRequest.encode(question)));

test("descriptors are, to the byte, those that protoc makes of the same files", () => {
  for (const [fileByFilename, digest] of Object.entries(ofProtoc)) {
    const [file] = ask({ fileByFilename }).fileDescriptorResponse.fileDescriptorProto;
    assert.equal(createHash("sha256").update(file!).digest("hex"), digest, fileByFilename);
  }
});

test("services are listed, and the file of whatever is declared is found", () => {
  const { validHost, originalRequest, listServicesResponse } = ask({ host: "h", listServices: "" });
  assert.equal(validHost, "h");
  assert.equal(originalRequest.messageRequest, "listServices");
  assert.deepEqual(
    listServicesResponse.service.map(({ name }) => name),
    [
      "inference.GRPCInferenceService",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ],
  );
  for (const fileContainingSymbol of [
    "inference.GRPCInferenceService",
    "inference.GRPCInferenceService.ModelInfer",
    "inference.ModelInferRequest.InferInputTensor",
    "grpc.health.v1.HealthCheckResponse.ServingStatus",
    "grpc.reflection.v1alpha.ErrorResponse",
  ])
    assert.equal(ask({ fileContainingSymbol }).fileDescriptorResponse.fileDescriptorProto.length, 1, fileContainingSymbol);
});

test("what is not there is NOT_FOUND", () => {
  for (const question of [
    { fileByFilename: "other.proto" },
    { fileContainingSymbol: "GRPCInferenceService" },
    { fileContainingSymbol: "inference.Other" },
    { fileContainingSymbol: "" },
    { allExtensionNumbersOfType: "inference.Other" },
    { fileContainingExtension: { containingType: "inference.ModelInferRequest", extensionNumber: 1 } },
    {},
  ])
    assert.equal(ask(question).errorResponse?.errorCode, 5, JSON.stringify(question));
  const { allExtensionNumbersResponse } = ask({ allExtensionNumbersOfType: "inference.ModelInferRequest" });
  assert.equal(allExtensionNumbersResponse.baseTypeName, "inference.ModelInferRequest");
});
