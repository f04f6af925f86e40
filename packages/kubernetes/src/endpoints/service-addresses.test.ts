import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import type { FetchResponse } from "@slipway/client";
import { RestClient } from "../rest/rest-client.ts";
import { serviceAddresses } from "./service-addresses.ts";

const service = { namespace: "slipway-system", name: "slipway-operator" };

test("the addresses of ready pods, each once, of this Service only", async () => {
  const asked: string[] = [];
  const items = [
    {
      endpoints: [
        { addresses: ["10.0.0.1"], conditions: { ready: true } },
        { addresses: ["10.0.0.2"], conditions: { ready: false } },
        { addresses: ["10.0.0.3"] },
      ],
    },
    { endpoints: [{ addresses: ["10.0.0.3"], conditions: { ready: true } }] },
    { endpoints: null },
  ];
  const fetch = async (url: string) => {
    asked.push(decodeURIComponent(url));
    return Response.json({ metadata: { resourceVersion: "1" }, items }) as FetchResponse;
  };
  const rest = new RestClient({ baseUrl: "https://api.example", fetch });
  assert.deepEqual(await serviceAddresses({ rest, clock: new VirtualClock() }, service), ["10.0.0.1", "10.0.0.3"]);
  assert.match(
    asked[0]!,
    /namespaces\/slipway-system\/endpointslices\?labelSelector=kubernetes\.io\/service-name=slipway-operator&/,
  );
});

test("an API server that says nothing is not waited for", async () => {
  const clock = new VirtualClock();
  const rest = new RestClient({
    baseUrl: "https://api.example",
    fetch: (_url, { signal }) =>
      new Promise((_resolve, reject) => signal!.addEventListener("abort", () => reject(new Error("aborted")))),
  });
  const addresses = serviceAddresses({ rest, clock }, service);
  const refused = assert.rejects(addresses, { code: "cancelled" });
  await clock.advance(2_000);
  await refused;
});
