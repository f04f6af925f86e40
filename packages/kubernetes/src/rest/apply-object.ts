import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { fieldManager } from "../objects/names.ts";
import { objectPath } from "./object-path.ts";
import { applyPatch, type RestClient, strict } from "./rest-client.ts";

/** Makes an object have these fields, by server-side apply; fields that it does not name stay with whoever owns them. Gives the object as it is then. */
export function applyObject(rest: RestClient, object: KubernetesObject, signal?: AbortSignal): Promise<unknown> {
  return rest.request("PATCH", objectPath(object, object.metadata), {
    // What the platform renders is the platform's to say; a field it does not render is never touched.
    query: { ...strict, fieldManager, force: "true" },
    body: object,
    contentType: applyPatch,
    ...(signal && { signal }),
  });
}
