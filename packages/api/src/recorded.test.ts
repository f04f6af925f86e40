// Our API over the memory store, against the recorded answers of a real API server: see testing/parity.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VirtualClock } from "@slipway/base";
import type { Resource } from "@slipway/spec";
import { collect } from "@slipway/store";
import { topics } from "./testing/parity/cases.ts";
import { compareAnswers, type Mismatch } from "./testing/parity/compare.ts";
import { type Difference, differences } from "./testing/parity/differences.ts";
import { readRecording } from "./testing/parity/recording.ts";
import { runCase, type Server } from "./testing/parity/run-case.ts";
import { type RunningApi, startApi, token } from "./testing/running-api.ts";

describe("answers recorded from a real API server", () => {
  const clock = new VirtualClock();
  let api: RunningApi;
  let server: Server;
  let cases = 0;
  const found = new Map<Difference, Set<string>>(differences.map((difference) => [difference, new Set()]));

  before(async () => {
    api = await startApi({ clock, historyLimit: 100 });
    server = serverOf(api, clock);
    await past(api);
  });
  after(() => api.close());

  for (const [topic, list] of Object.entries(topics)) {
    const recording = readRecording(topic);
    for (const each of list) {
      test(`${topic}: ${each.name}`, async () => {
        const recorded = recording.cases[each.name];
        assert.ok(recorded, "this case is not recorded: node e2e/kubernetes/parity/record.ts");
        const ours = await runCase(server, each, `parity-${++cases}`);
        const unexplained = compareAnswers(recorded, ours).filter((mismatch) => {
          const reasons = differences.filter((difference) => covers(difference, each.name, mismatch));
          for (const reason of reasons) found.get(reason)?.add(each.name);
          return reasons.length === 0;
        });
        assert.deepEqual(unexplained, []);
      });
    }
    test(`${topic}: no recording without its case`, () =>
      assert.deepEqual(
        Object.keys(recording.cases),
        list.map(({ name }) => name),
      ));
  }

  for (const difference of differences) {
    test(`differs on purpose: ${difference.reason}`, (context) => {
      context.diagnostic(difference.cases.join("; "));
      // Where nothing differs any more, the list must not say so.
      assert.deepEqual([...(found.get(difference) ?? [])].sort(), [...difference.cases].sort());
    });
  }
});

function covers({ cases, at }: Difference, name: string, mismatch: Mismatch): boolean {
  return cases.includes(name) && (at === undefined || at.test(mismatch.at));
}

function serverOf({ url, store }: RunningApi, clock: VirtualClock): Server {
  return {
    send: (method, path, { headers, ...init }) =>
      fetch(`${url}${path}`, { method, headers: { ...headers, authorization: `Bearer ${token}` }, ...init }),
    tick: async () => {
      await collect(store);
      await clock.advance(1_000);
    },
    settle: async () => void (await collect(store)),
  };
}

/** More changes than are kept, so that there are versions long gone. */
async function past({ store }: RunningApi): Promise<void> {
  for (let count = 0; count < 150; count += 1) {
    const old = await store.get("Namespace", { name: "default" });
    assert.ok(old?.metadata.resourceVersion);
    const next = { ...old, metadata: { ...old.metadata, annotations: { count: String(count) } } } as Resource;
    await store.write(next, { expect: old.metadata.resourceVersion, manager: "test" });
  }
}
