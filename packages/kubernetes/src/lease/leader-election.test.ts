import assert from "node:assert/strict";
import { test } from "node:test";
import { aborted, silentLog, VirtualClock } from "@slipway/base";
import { RestClient } from "../rest/rest-client.ts";
import { LeaseServer } from "../testing/lease-server.ts";
import { LeaderElection } from "./leader-election.ts";

/** Candidates for one lease, and who leads when. */
function world() {
  const server = new LeaseServer();
  const clock = new VirtualClock();
  const leading = new Set<string>();
  const history: string[] = [];
  const candidate = (self: string) => {
    const stop = new AbortController();
    const options = {
      rest: new RestClient(server),
      clock,
      log: silentLog,
      namespace: "slipway-system",
      name: "slipway-operator",
    };
    const ended = new LeaderElection({ ...options, self }).run(async (signal) => {
      assert.equal(leading.size, 0, `${self} leads beside ${[...leading]}`);
      leading.add(self);
      history.push(`${self} leads`);
      await aborted(signal);
      leading.delete(self);
      history.push(`${self} stops`);
    }, stop.signal);
    return { stop: () => stop.abort(), ended };
  };
  return { server, clock, leading, history, candidate };
}

test("one of two leads, and the other follows at once when it gives the lease back", async () => {
  const { clock, candidate, history, server } = world();
  const [a, b] = [candidate("a"), candidate("b")];
  await clock.advance(60_000);
  assert.deepEqual(history, ["a leads"]);
  a.stop();
  await clock.advance(2_000);
  assert.deepEqual(history, ["a leads", "a stops", "b leads"]);
  await a.ended;
  assert.equal(server.lease?.spec.leaseTransitions, 1);
  b.stop();
  await clock.advance(100);
  await b.ended;
  assert.equal(server.lease?.spec.holderIdentity, "");
});

test("the lease of one that died is taken once its time is over", async () => {
  const { clock, candidate, history, server } = world();
  server.lease = {
    metadata: { name: "slipway-operator", namespace: "slipway-system", resourceVersion: "1" },
    spec: { holderIdentity: "dead" },
  };
  const b = candidate("b");
  await clock.advance(15_000);
  assert.deepEqual(history, []);
  await clock.advance(3_000);
  assert.deepEqual(history, ["b leads"]);
  b.stop();
  await clock.advance(10);
  await b.ended;
});

test("who cannot renew stops before another may lead, and a short outage is ridden out", async () => {
  const { clock, candidate, history, server, leading } = world();
  const a = candidate("a");
  await clock.advance(4_000);
  server.down = true;
  await clock.advance(7_000);
  server.down = false;
  await clock.advance(20_000);
  assert.deepEqual([...leading], ["a"]);
  server.down = true;
  await clock.advance(10_000);
  assert.deepEqual(history, ["a leads", "a stops"]);
  await a.ended;
});

test("a lease that another took is not acted on", async () => {
  const { clock, candidate, history, server } = world();
  const a = candidate("a");
  await clock.advance(1_000);
  server.lease = {
    metadata: { ...server.lease!.metadata, resourceVersion: "99" },
    spec: { holderIdentity: "thief" },
  };
  await clock.advance(2_000);
  assert.deepEqual(history, ["a leads", "a stops"]);
  await a.ended;
  assert.equal(server.lease.spec.holderIdentity, "thief");
});
