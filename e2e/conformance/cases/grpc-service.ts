import { type Case, casesOf, expect, NotApplicable } from "../case.ts";
import { rows } from "../datatypes.ts";
import { inference, type Message, type Outcome } from "../grpc-client.ts";
import { answered, expectGrpcRefused, grpcOf } from "../grpc-infer.ts";
import { jsonOf } from "../http-client.ts";
import type { Target } from "../target.ts";

const grpc = casesOf("OIP v2 gRPC", "mandatory");
const health = casesOf("gRPC health checking protocol", "optional");
const reflection = casesOf("gRPC server reflection", "optional");
const repository = casesOf("Triton model repository extension", "optional");

const check = {
  path: "/grpc.health.v1.Health/Check",
  request: "grpc.health.v1.HealthCheckRequest",
  response: "grpc.health.v1.HealthCheckResponse",
};

/** Everything of gRPC but inference. */
export const grpcServiceCases: readonly Case[] = [
  grpc("grpc-live", "the server is live", "Health, ServerLive", async (target) =>
    isTrue(await ask(target, "ServerLive"), "live"),
  ),
  grpc("grpc-ready", "the server is ready", "Health, ServerReady", async (target) =>
    isTrue(await ask(target, "ServerReady"), "ready"),
  ),
  grpc("grpc-model-ready", "the model is ready", "Health, ModelReady", async (target) =>
    isTrue(await ask(target, "ModelReady", { name: target.model }), "ready"),
  ),
  grpc("grpc-model-ready-version", "a version that metadata names is ready", "Health, ModelReady, version", async (target) => {
    grpcOf(target);
    if (target.versions.length === 0) throw new NotApplicable("the model's metadata names no versions");
    for (const version of target.versions) isTrue(await ask(target, "ModelReady", { name: target.model, version }), "ready");
  }),
  grpc("grpc-model-ready-unknown", "a model that is not there is not ready, or an error", "Health, ModelReady", async (target) =>
    isFalse(await ask(target, "ModelReady", { name: "no-such-model" })),
  ),
  grpc(
    "grpc-model-ready-unknown-version",
    "a version that is not there is not ready, or an error",
    "Health, ModelReady, version",
    async (target) => isFalse(await ask(target, "ModelReady", { name: target.model, version: "no-such-version" })),
  ),
  grpc("grpc-server-metadata", "the server has a name, a version and extensions", "ServerMetadata", async (target) => {
    const { name, version, extensions } = answered(await ask(target, "ServerMetadata"));
    expect(name !== "" && version !== "" && Array.isArray(extensions), "name and version", { name, version });
  }),
  grpc("grpc-server-metadata-rest", "it says the same as over HTTP", "ServerMetadata", async (target) => {
    const { name, version } = answered(await ask(target, "ServerMetadata"));
    const rest = jsonOf(await target.http.send("GET", "/v2")) as Message;
    expect(name === rest.name && version === rest.version, `${rest.name} ${rest.version}`, `${name} ${version}`);
  }),
  grpc("grpc-model-metadata", "the model has metadata under its name", "ModelMetadata", async (target) => {
    const { name } = await metadata(target);
    expect(name === target.model, target.model, name);
  }),
  ...(["inputs", "outputs"] as const).map((list) =>
    grpc(
      `grpc-model-${list}`,
      `${list} are the model's, with datatypes and shapes`,
      "ModelMetadata, TensorMetadata",
      async (target) => {
        const tensors = (await metadata(target))[list] as readonly Message[];
        for (const row of rows) {
          const name = list === "inputs" ? row.input : `${row.input}_out`;
          const tensor = tensors.find((candidate) => candidate.name === name);
          expect(tensor?.datatype === row.datatype, `${name} of ${row.datatype}`, tensor ?? tensors.map((other) => other.name));
          expect(JSON.stringify(tensor.shape) === '["-1","2"]', "shape -1, 2", tensor.shape);
        }
      },
    ),
  ),
  grpc("grpc-model-versions", "versions are those that HTTP names", "ModelMetadata, versions", async (target) => {
    const { versions } = await metadata(target);
    expect(JSON.stringify(versions) === JSON.stringify(target.versions), JSON.stringify(target.versions), versions);
  }),
  grpc(
    "grpc-model-metadata-unknown",
    "an unknown model's metadata is an error",
    "ModelMetadata: errors are the status",
    async (target) => expectGrpcRefused(await ask(target, "ModelMetadata", { name: "no-such-model" })),
  ),
  grpc(
    "grpc-model-metadata-unknown-version",
    "an unknown version's metadata is an error",
    "ModelMetadata: errors are the status",
    async (target) => expectFailed(await ask(target, "ModelMetadata", { name: target.model, version: "no-such-version" })),
  ),
  health("grpc-health", "the whole server is SERVING", "Check, empty service", async (target) => {
    const { status } = answered(offered(await grpcOf(target).call(check, { service: "" })));
    expect(status === "SERVING", "SERVING", status);
  }),
  health("grpc-health-service", "the inference service is SERVING", "Check, a service's name", async (target) => {
    offered(await grpcOf(target).call(check, { service: "" }));
    const outcome = await grpcOf(target).call(check, { service: "inference.GRPCInferenceService" });
    // A server registers names as it likes; NOT_FOUND says that it did not register this one.
    if (outcome.code === 5) throw new NotApplicable("the server registers no name of the service");
    expect(answered(outcome).status === "SERVING", "SERVING", outcome);
  }),
  health(
    "grpc-health-unknown",
    "a service that is not there is NOT_FOUND",
    "Check: NOT_FOUND if the service is unknown",
    async (target) => {
      offered(await grpcOf(target).call(check, { service: "" }));
      expectGrpcRefused(await grpcOf(target).call(check, { service: "no.such.Service" }), 5);
    },
  ),
  health("grpc-health-watch", "Watch says at once how things are", "Watch: immediately send back a message", async (target) => {
    const outcome = offered(
      await grpcOf(target).stream({ ...check, path: "/grpc.health.v1.Health/Watch" }, [{ service: "" }], { enough: 1 }),
    );
    expect(outcome.messages[0]?.status === "SERVING", "SERVING", outcome);
  }),
  reflection("grpc-reflection-services", "reflection lists the inference service", "list_services", async (target) => {
    const { list_services_response: list } = await reflect(target, { list_services: "*" });
    const names = ((list as Message | null)?.service as readonly Message[] | undefined)?.map(({ name }) => name) ?? [];
    expect(names.includes("inference.GRPCInferenceService"), "inference.GRPCInferenceService", names);
  }),
  reflection(
    "grpc-reflection-symbol",
    "reflection has the file of the inference service",
    "file_containing_symbol",
    async (target) => {
      const { file_descriptor_response: files } = await reflect(target, {
        file_containing_symbol: "inference.GRPCInferenceService",
      });
      const bytes = ((files as Message | null)?.file_descriptor_proto as readonly Buffer[] | undefined) ?? [];
      const text = Buffer.concat([...bytes]).toString("latin1");
      for (const name of ["ModelInfer", "raw_input_contents", "ServerLive"])
        expect(text.includes(name), `${name} in the descriptors`, `${bytes.length} files`);
    },
  ),
  reflection("grpc-reflection-message", "reflection has the file of a message", "file_containing_symbol", async (target) => {
    const { file_descriptor_response: files } = await reflect(target, { file_containing_symbol: "inference.ModelInferRequest" });
    expect(
      ((files as Message | null)?.file_descriptor_proto as readonly unknown[] | undefined)?.length !== 0 && files !== null,
      "a file",
      files,
    );
  }),
  reflection(
    "grpc-reflection-unknown",
    "a symbol that is not there is an error in the answer",
    "error_response: NOT_FOUND",
    async (target) => {
      const { error_response: error } = await reflect(target, { file_containing_symbol: "no.such.Symbol" });
      expect((error as Message | null)?.error_code === 5, "error_code 5", error);
    },
  ),
  repository("grpc-repository-index", "the index has the model", "GRPC: RepositoryIndex", async (target) => {
    grpcOf(target);
    target.needs("model_repository", "model_repository_extension");
    const { models } = answered(offered(await ask(target, "RepositoryIndex")));
    const names = (models as readonly Message[]).map(({ name }) => name);
    expect(names.includes(target.model), target.model, names);
  }),
];

function ask(target: Target, name: string, request: Message = {}): Promise<Outcome> {
  return grpcOf(target).call(inference(name), request);
}

async function metadata(target: Target): Promise<Message> {
  return answered(await ask(target, "ModelMetadata", { name: target.model }));
}

/** Leaves the case when the server does not have the service or method. */
function offered(outcome: Outcome): Outcome {
  if (outcome.code === 12) throw new NotApplicable("the server does not implement it");
  return outcome;
}

/** One question of reflection, in whichever version the server has. */
async function reflect(target: Target, question: Message): Promise<Message> {
  for (const version of ["v1", "v1alpha"]) {
    const method = {
      path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      request: "grpc.reflection.v1.ServerReflectionRequest",
      response: "grpc.reflection.v1.ServerReflectionResponse",
    };
    const outcome = await grpcOf(target).stream(method, [question]);
    if (outcome.code === 12) continue;
    expect(outcome.code === 0 && outcome.messages.length === 1, "one answer", outcome);
    return outcome.messages[0]!;
  }
  throw new NotApplicable("the server has no reflection");
}

function isTrue(outcome: Outcome, field: string): void {
  const answer = answered(outcome);
  expect(answer[field] === true, `${field}: true`, answer);
}

function isFalse({ code, messages, details }: Outcome): void {
  if (code === 0) expect(messages[0]?.ready === false, "ready: false", messages[0]);
  else expectGrpcNoFault(code, details);
}

/** Servers without versions say UNIMPLEMENTED or the like. */
function expectFailed({ code, details }: Outcome): void {
  expect(code !== 0, "an error", `${code}: ${details}`);
}

function expectGrpcNoFault(code: number, details: string): void {
  expect(code !== 13 && code !== 15, "not a fault of the server", `${code}: ${details}`);
}
