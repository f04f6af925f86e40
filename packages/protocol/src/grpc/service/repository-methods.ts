import {
  repositoryIndexRequest,
  repositoryIndexResponse,
  repositoryModelLoadRequest,
  repositoryModelLoadResponse,
  repositoryModelUnloadResponse,
} from "../messages/inference-messages.ts";
import type { ServiceBackend, ServiceCall } from "./service-backend.ts";

/** A method of the repository by its name. */
export interface RepositoryMethod<Call> {
  readonly name: "RepositoryIndex" | "RepositoryModelLoad" | "RepositoryModelUnload";
  readonly handler: (call: Call) => Promise<void>;
}

/** The model repository extension. */
export function repositoryMethods<Call extends ServiceCall>(backend: ServiceBackend<Call>): RepositoryMethod<Call>[] {
  return [
    {
      name: "RepositoryIndex",
      handler: async (call) => {
        const { ready } = repositoryIndexRequest.decode(await call.message());
        const models = backend.index(call).filter(({ state }) => !ready || state === "READY");
        await call.send(repositoryIndexResponse.encode({ models }));
      },
    },
    {
      name: "RepositoryModelLoad",
      handler: async (call) => {
        const modelName = modelOf(await call.message());
        await backend.load(call, modelName);
        await call.send(repositoryModelLoadResponse.encode({ modelName, isLoaded: true }));
      },
    },
    {
      name: "RepositoryModelUnload",
      handler: async (call) => {
        const modelName = modelOf(await call.message());
        await backend.unload(call, modelName);
        await call.send(repositoryModelUnloadResponse.encode({ modelName, isUnloaded: true }));
      },
    },
  ];
}

/** The model's name, which is in field 2 for Triton's clients, behind the repository's, and in field 1 for KServe's. */
function modelOf(message: Buffer): string {
  const { repositoryName, modelName } = repositoryModelLoadRequest.decode(message);
  return modelName === "" ? repositoryName : modelName;
}
