import type { Case } from "./case.ts";
import { binaryTensorCases } from "./cases/binary-tensors.ts";
import { compressionCases } from "./cases/compression.ts";
import { grpcCallCases } from "./cases/grpc-calls.ts";
import { grpcInferCases } from "./cases/grpc-infer.ts";
import { grpcServiceCases } from "./cases/grpc-service.ts";
import { healthCases } from "./cases/health.ts";
import { httpRuleCases } from "./cases/http-rules.ts";
import { inferErrorCases } from "./cases/infer-errors.ts";
import { inferMessageCases } from "./cases/infer-messages.ts";
import { inferValueCases } from "./cases/infer-values.ts";
import { metadataCases } from "./cases/metadata.ts";
import { repositoryCases } from "./cases/repository.ts";

/** Every case, in the order they run. */
export const allCases: readonly Case[] = [
  ...healthCases,
  ...metadataCases,
  ...inferValueCases,
  ...inferMessageCases,
  ...inferErrorCases,
  ...httpRuleCases,
  ...compressionCases,
  ...binaryTensorCases,
  ...grpcServiceCases,
  ...grpcInferCases,
  ...grpcCallCases,
  // Last, as a model that was unloaded may not come back.
  ...repositoryCases,
];
