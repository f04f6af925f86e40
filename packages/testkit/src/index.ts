export { type BackendHarness, backendSuite, type ReplicaFault } from "./backend/backend-suite.ts";
export { FakeBackend, type FakeBackendOptions, type FakeReplica } from "./backend/fake-backend.ts";
export type { FakeFaults } from "./backend/fake-faults.ts";
export { type SampleRun, type SampleRunOptions, sampleRun } from "./backend/sample-run.ts";
export { type TinyLlamaOptions, tinyLlama, tinyLlamaParts, tinyTemplate } from "./gguf/tiny-llama.ts";
export { type GgufParts, type GgufTensor, type GgufValue, writeGguf } from "./gguf/write-gguf.ts";
export { GrpcClient } from "./grpc/grpc-client.ts";
export { type GoldenVersion, goldenRequest, wrongGolden } from "./parity/golden.ts";
export type {
  ApiRequest,
  CommandAnswer,
  GatewayRequest,
  HttpAnswer,
  ParityPlace,
  ParitySource,
} from "./parity/parity-place.ts";
export type { ParityScenario } from "./parity/parity-scenario.ts";
export { parityScenarios } from "./parity/parity-scenarios.ts";
export { type PlaceResults, parityTable } from "./parity/parity-table.ts";
export { type ParityResult, runParity } from "./parity/run-parity.ts";
export { type Cut, cuttingProxy } from "./registry/cutting-proxy.ts";
export { type RealRegistryOptions, realRegistry, registryMissing, registryUser } from "./registry/real-registry.ts";
export { type SeenRequest, scriptedRegistry } from "./registry/scripted-registry.ts";
export { FakeRoutes, type FakeRoutesOptions } from "./routes/fake-routes.ts";
export { churn } from "./store/churn.ts";
export { type ReopenableFactory, sameStores } from "./store/same-stores.ts";
export { ownerOf, sampleEvent, sampleModel, sampleNamespace, sampleRevision, sampleSecret } from "./store/sample-resources.ts";
export { type StoreFactory, type StoreUnderTest, storeSuite } from "./store/store-suite.ts";
export { surviveKill } from "./store/survive-kill.ts";
export { refused } from "./store/with-store.ts";
export { TestAuthority, type TestCertificate } from "./tls/test-authority.ts";
