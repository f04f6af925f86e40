import assert from "node:assert/strict";
import { test } from "node:test";
import type protobuf from "protobufjs";
import { grpcMethods } from "./grpc-protocol.ts";
import { protoRoot, serviceNames } from "./proto/proto-root.ts";
import type { ServiceBackend, ServiceCall } from "./service/service-backend.ts";

test("every method that the .proto files declare is there, and no other", () => {
  const declared = serviceNames.flatMap((service) =>
    Object.values<protobuf.Method>(protoRoot.lookupService(service).methods).map((method) => ({
      path: `/${service}/${method.name}`,
      manyRequests: method.requestStream === true,
    })),
  );
  const served = grpcMethods({} as ServiceBackend<ServiceCall>).map(({ path, manyRequests }) => ({ path, manyRequests }));
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
  assert.deepEqual(served.toSorted(byPath), declared.toSorted(byPath));
});
