import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, VirtualClock } from "@slipway/base";
import { OutageLog } from "../cache/outage-log.ts";
import { RestClient } from "../rest/rest-client.ts";
import { ObjectServer } from "../testing/object-server.ts";
import { WatchedEndpoints } from "./watched-endpoints.ts";

const ports = [{ name: "frames", port: 7880 }];
const endpoint = (ip: string, conditions: object = {}) => ({
  addresses: [ip],
  conditions,
  targetRef: { kind: "Pod", name: `pod-${ip}` },
});

test("endpoints are known by revision, over all its slices, and change with them", async () => {
  const server = new ObjectServer();
  const clock = new VirtualClock();
  const endpoints = new WatchedEndpoints({ rest: new RestClient(server), clock, outages: new OutageLog(silentLog) });
  let changes = 0;
  endpoints.onChange(() => {
    changes += 1;
  });
  const slice = (name: string, each: readonly object[]) =>
    server.put(name, { ports, endpoints: each }, undefined, { "slipway.dev/revision": "digits-1" });
  slice("a", [endpoint("10.0.0.1", { ready: true }), endpoint("10.0.0.2", { ready: false, terminating: true })]);
  slice("b", [endpoint("fd00::7"), { addresses: ["10.0.0.9"] }]);
  const stop = new AbortController();
  const running = endpoints.run(stop.signal);
  await clock.advance(1_000);
  await endpoints.synced;
  const seen = () =>
    (endpoints.current.get("default/digits-1") ?? []).map(
      ({ name, address, ready, terminating }) => `${name} ${address}${ready ? " ready" : ""}${terminating ? " ending" : ""}`,
    );
  assert.deepEqual(seen(), [
    "pod-10.0.0.1 tls://10.0.0.1:7880 ready",
    "pod-10.0.0.2 tls://10.0.0.2:7880 ending",
    "pod-fd00::7 tls://[fd00::7]:7880 ready",
  ]);
  const before = endpoints.current;
  slice("b", []);
  await clock.advance(1_000);
  assert.notEqual(endpoints.current, before);
  assert.equal(seen().length, 2);
  server.remove("a");
  server.remove("b");
  await clock.advance(1_000);
  assert.equal(endpoints.current.size, 0);
  assert.equal(changes, 5);
  stop.abort();
  server.cut();
  await running;
});
