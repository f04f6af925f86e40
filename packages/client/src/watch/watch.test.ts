import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError, VirtualClock } from "@slipway/base";
import type { Namespace } from "@slipway/spec";
import { type WatchEvent, watchResources } from "./watch.ts";

function namespace(name: string, version: string): Namespace {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, uid: `uid-${name}`, resourceVersion: version } } as Namespace;
}

const unavailable = () => new SlipwayError("unavailable", "down");
const expired = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } };

/** A server that answers each list and each watch with the next of its script, and notes from where it was asked to watch. */
function server(script: { lists: (Namespace[] | Error)[]; watches: (unknown[] | Error)[] }) {
  const opened: string[] = [];
  let version = 100;
  return {
    opened,
    source: {
      clock: new VirtualClock(),
      list: async () => {
        const items = script.lists.shift() ?? unavailable();
        if (items instanceof Error) throw items;
        version += 100;
        return { items, version: String(version) };
      },
      open: async (from: string) => {
        opened.push(from);
        const events = script.watches.shift() ?? unavailable();
        if (events instanceof Error) throw events;
        const bytes = new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
        return (async function* () {
          yield bytes;
        })();
      },
    },
  };
}

function told(event: WatchEvent<"Namespace">): string {
  return event.type === "synced"
    ? "synced"
    : `${event.type} ${event.resource.metadata.name}@${event.resource.metadata.resourceVersion}`;
}

/** Collects events while time goes on, until there are `count` or the watch ends. */
async function collect(source: ReturnType<typeof server>["source"], count: number, from?: string): Promise<string[]> {
  const stop = new AbortController();
  const events: string[] = [];
  const reading = (async () => {
    const options = { signal: stop.signal, patience: 5_000, ...(from === undefined ? {} : { from }) };
    for await (const event of watchResources<"Namespace">(source, options)) {
      events.push(told(event));
      if (events.length >= count) return;
    }
  })();
  let done = false;
  const settled = reading.finally(() => {
    done = true;
  });
  settled.catch(() => {});
  for (let step = 0; !done && step < 200; step++) await source.clock.advance(100);
  stop.abort();
  await settled;
  return events;
}

test("a watch tells what is there, then what changes, and goes on from the last version when the stream ends", async () => {
  const { source, opened } = server({
    lists: [[namespace("a", "1")]],
    watches: [
      [
        { type: "ADDED", object: namespace("b", "201") },
        { type: "BOOKMARK", object: { kind: "Namespace", metadata: { resourceVersion: "250" } } },
      ],
      [{ type: "DELETED", object: namespace("a", "251") }],
    ],
  });
  assert.deepEqual(await collect(source, 4), ["added a@1", "synced", "added b@201", "deleted a@251"]);
  assert.deepEqual(opened, ["200", "250"]);
});

test("a watch from a version does not list", async () => {
  const { source, opened } = server({ lists: [], watches: [[{ type: "MODIFIED", object: namespace("a", "8") }]] });
  assert.deepEqual(await collect(source, 1, "7"), ["modified a@8"]);
  assert.deepEqual(opened, ["7"]);
});

test("a compacted version makes the watch list again and tell only the difference", async () => {
  const { source } = server({
    lists: [
      [namespace("kept", "1"), namespace("gone", "2"), namespace("changed", "3")],
      [namespace("kept", "1"), namespace("changed", "9"), namespace("new", "10")],
    ],
    watches: [[expired], [{ type: "MODIFIED", object: namespace("new", "301") }]],
  });
  assert.deepEqual(await collect(source, 8), [
    "added kept@1",
    "added gone@2",
    "added changed@3",
    "synced",
    "deleted gone@2",
    "modified changed@9",
    "added new@10",
    "modified new@301",
  ]);
});

test("a server that never answered is an error at once; one that was lost is waited for, up to the patience", async () => {
  await assert.rejects(collect(server({ lists: [], watches: [] }).source, 1), { code: "unavailable" });
  const back = server({
    lists: [[]],
    watches: [unavailable(), unavailable(), [{ type: "ADDED", object: namespace("late", "5") }]],
  });
  assert.deepEqual(await collect(back.source, 2), ["synced", "added late@5"]);
  const lost = server({ lists: [[]], watches: [[]] });
  await assert.rejects(collect(lost.source, 2), { code: "unavailable" });
  assert.ok(lost.opened.length > 3, "it tried again");
});

test("an error that waiting cannot cure ends the watch", async () => {
  const refused = server({ lists: [[]], watches: [new SlipwayError("forbidden", "no")] });
  await assert.rejects(collect(refused.source, 2), { code: "forbidden" });
});
