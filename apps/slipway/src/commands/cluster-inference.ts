import { isIP } from "node:net";
import { SlipwayError } from "@slipway/base";
import { createInference, type Fetch, type Inference } from "@slipway/client";
import { Agent, request } from "undici";
import type { CliContext } from "./context.ts";

/** The Service's name: the gateways of every installation answer for it. */
const serviceHost = "slipway-gateway";

/** Runs `work` with a cluster's gateway. Throws `usage` unless it is said where that is reached and with which key. */
export async function clusterInference<T>(
  context: CliContext,
  flags: { readonly gateway?: string; readonly apiKey?: string },
  work: (inference: Inference) => Promise<T>,
): Promise<T> {
  const gateway = gatewayUrl(flags.gateway);
  const key = flags.apiKey ?? context.env.SLIPWAY_API_KEY ?? "";
  if (key === "" || /[^\x21-\x7e]/.test(key)) {
    const found = key === "" ? "no key is given" : "the key has characters that no key has";
    throw new SlipwayError("usage", `A cluster's gateway answers nobody without an API key, and ${found}.`, {
      hint: "Make one with `slipway key create NAME`, and put it into SLIPWAY_API_KEY.",
    });
  }
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const headers = {
    authorization: `Bearer ${key}`,
    // A port-forward or an address is no name that the gateway has.
    ...(isAddress(gateway.hostname) ? { host: serviceHost } : {}),
  };
  try {
    return await work(createInference({ baseUrl: gateway.href.replace(/\/$/, ""), fetch: fetchWith(headers, agent) }));
  } finally {
    await agent.destroy();
  }
}

/** A fetch proper leaves no `host` to its caller; this one does, and follows no redirect, which would carry the key elsewhere. */
function fetchWith(more: Readonly<Record<string, string>>, dispatcher: Agent): Fetch {
  return async (url, { method, headers, body, signal }) => {
    const answer = await request(url, {
      method: method as "GET" | "POST",
      headers: { ...headers, ...more },
      ...(body === undefined ? {} : { body }),
      ...(signal && { signal }),
      dispatcher,
    });
    return {
      ok: answer.statusCode >= 200 && answer.statusCode < 300,
      status: answer.statusCode,
      headers: { get: (name) => headerText(answer.headers[name]) },
      body: answer.body,
      text: () => answer.body.text(),
    };
  };
}

function headerText(value: string | string[] | undefined): string | null {
  return value === undefined ? null : [value].flat().join(", ");
}

function gatewayUrl(text: string | undefined): URL {
  if (text === undefined) {
    throw new SlipwayError("usage", "It is not said where the cluster's gateway is reached.", {
      hint:
        "Forward a port: `kubectl -n slipway-system port-forward service/slipway-gateway 7878:80`, " +
        "and give --gateway http://127.0.0.1:7878; or give the address that `slipway install --host` made known.",
    });
  }
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "" && url.username === "") return url;
  throw new SlipwayError("usage", `--gateway ${JSON.stringify(text)} is not an address.`, {
    hint: "Expected http://HOST:PORT or https://HOST.",
  });
}

function isAddress(host: string): boolean {
  return host === "localhost" || isIP(host.replace(/^\[|\]$/g, "")) !== 0;
}
