import { SlipwayError } from "@slipway/base";
import {
  healthCheckRequest,
  healthCheckResponse,
  healthServiceName,
  type ServingStatus,
  servingStatus,
} from "../messages/health-messages.ts";
import { inferenceServiceName } from "../messages/inference-messages.ts";
import { answerError } from "./answer-error.ts";
import type { ServiceBackend, ServiceCall, ServiceMethod } from "./service-backend.ts";

/** How often a watched service is looked at. */
const lookMs = 1_000;

/** gRPC's standard health: the server under the empty name and its service's, each model under its own. */
export function healthService<Call extends ServiceCall>(backend: ServiceBackend<Call>): ServiceMethod<Call>[] {
  const method = (name: "Check" | "Watch", handler: (call: Call) => Promise<void>): ServiceMethod<Call> => ({
    path: `/${healthServiceName}/${name}`,
    manyRequests: false,
    open: true,
    handler,
  });
  return [
    method("Check", async (call) => {
      const { service } = healthCheckRequest.decode(await call.message());
      const status = await healthOf(call, backend, service);
      if (status === servingStatus.SERVICE_UNKNOWN) throw new SlipwayError("notFound", "There is no such service or model.");
      await call.send(healthCheckResponse.encode({ status }));
    }),
    method("Watch", async (call) => {
      const { service } = healthCheckRequest.decode(await call.message());
      let told: ServingStatus | undefined;
      const over = AbortSignal.any([call.signal, call.closing]);
      while (!over.aborted) {
        const status = await healthOf(call, backend, service);
        if (status !== told) await call.send(healthCheckResponse.encode({ status }));
        told = status;
        await backend.clock.sleep(lookMs, over).catch(() => {});
      }
      throw new SlipwayError("unavailable", "The server is stopping.", { retryAfter: 1 });
    }),
  ];
}

async function healthOf<Call extends ServiceCall>(
  call: Call,
  backend: ServiceBackend<Call>,
  service: string,
): Promise<ServingStatus> {
  if (service === "" || service === inferenceServiceName) {
    return backend.notReady() === undefined ? servingStatus.SERVING : servingStatus.NOT_SERVING;
  }
  const answer = await backend.ask(call, "ready", service, "");
  if (answer.status === 200) return servingStatus.SERVING;
  if (answer.status === 503) return servingStatus.NOT_SERVING;
  if (answer.status === 404) return servingStatus.SERVICE_UNKNOWN;
  throw answerError(answer);
}
