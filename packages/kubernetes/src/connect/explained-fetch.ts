import { SlipwayError } from "@slipway/base";
import { type Fetch, type FetchResponse, statusToError } from "@slipway/client";

/** The same fetch, for a person at a command line: what goes wrong in a cluster is said with the way out, whatever asked. `name` is that of the kubeconfig's context. */
export function explainedFetch(fetch: Fetch, name: string): Fetch {
  return async (url, init) => {
    const response = await answered(fetch, url, init, name);
    if (response.ok || ![401, 403, 404].includes(response.status)) return response;
    const text = await response.text();
    const { pathname } = new URL(url);
    const error = statusToError(response.status, parsed(text));
    const ours = pathname.startsWith("/apis/slipway.dev/");
    // A group that the server does not have is answered with plain text, an object that is not there with a Status.
    if (response.status === 404 && ours && parsed(text) === undefined) {
      throw new SlipwayError("notFound", `Slipway is not installed in the cluster of context ${name}.`, {
        hint: `Install it: \`slipway install --context ${name} --image REPOSITORY@sha256:…\`.`,
      });
    }
    if (response.status === 403) {
      throw new SlipwayError("forbidden", sentence(error.message), {
        hint: ours
          ? "Who may edit a namespace may edit its Models: ask for a RoleBinding to the ClusterRole edit there."
          : "Ask an administrator of the cluster for the right that is named.",
        problems: error.problems,
      });
    }
    if (response.status === 401) {
      throw new SlipwayError("unauthenticated", `The cluster of context ${name} does not take its credential.`, {
        hint: "Log in again with your provider's own tool, and try `kubectl get namespaces`.",
      });
    }
    return { ok: false, status: response.status, headers: response.headers, body: text, text: async () => text };
  };
}

async function answered(fetch: Fetch, url: string, init: Parameters<Fetch>[1], name: string): Promise<FetchResponse> {
  try {
    return await fetch(url, init);
  } catch (caught) {
    if (caught instanceof SlipwayError || init.signal?.aborted) throw caught;
    throw new SlipwayError(
      "unavailable",
      `The API server of context ${name}, ${new URL(url).origin}, cannot be reached: ${why(caught)}.`,
      {
        hint: "See whether the cluster runs and this machine may reach it: `kubectl version`.",
        cause: caught,
      },
    );
  }
}

function why(caught: unknown): string {
  const causes: Error[] = [];
  for (let error = caught; error instanceof Error; error = error.cause) causes.push(error);
  const codes = causes.map((error) => (error as { code?: unknown }).code).filter((code) => typeof code === "string");
  if (codes.includes("ECONNREFUSED")) return "the connection was refused";
  return codes.at(-1) ?? causes.at(-1)?.message ?? "unknown";
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
