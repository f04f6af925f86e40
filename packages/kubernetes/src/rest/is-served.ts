import { SlipwayError } from "@slipway/base";
import type { RestClient } from "./rest-client.ts";

/** Whether an API group's version is served, by its own discovery document: `/apis/metrics.k8s.io/v1beta1`. */
export async function isServed(rest: RestClient, path: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await rest.request("GET", path, signal === undefined ? {} : { signal });
    return true;
  } catch (caught) {
    const { code } = SlipwayError.from(caught);
    // An extension whose server is down answers 503: it is not there to use.
    if (code === "notFound" || code === "unavailable") return false;
    throw caught;
  }
}
