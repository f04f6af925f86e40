import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { JsonObject } from "../body/json-object.ts";
import { models, type RunningApi, startApi, storedModel, token } from "../testing/running-api.ts";

interface WatchEvent {
  readonly type: string;
  readonly object: JsonObject & { metadata: { name: string; resourceVersion: string; annotations?: JsonObject } };
}

/** An open watch: its events one by one. */
interface OpenWatch {
  readonly status: number;
  next(): Promise<WatchEvent | undefined>;
  close(): void;
}

describe("watch", () => {
  let api: RunningApi;
  const open: OpenWatch[] = [];
  beforeEach(async () => {
    api = await startApi({ historyLimit: 20 });
  });
  afterEach(async () => {
    for (const watch of open.splice(0)) watch.close();
    await api.close();
  });

  async function watch(query: string, headers: Record<string, string> = {}): Promise<OpenWatch> {
    const controller = new AbortController();
    const answer = await fetch(`${api.url}${models}?watch=true&${query}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: controller.signal,
    });
    const lines = createInterface({ input: Readable.fromWeb(answer.body as never) })[Symbol.asyncIterator]();
    const opened: OpenWatch = {
      status: answer.status,
      next: async () => {
        const line = await lines.next();
        return line.done === true ? undefined : (JSON.parse(line.value) as WatchEvent);
      },
      close: () => controller.abort(),
    };
    open.push(opened);
    return opened;
  }

  const told = (event: WatchEvent | undefined) => [event?.type, event?.object.metadata.name];

  test("without a version it begins with all there is", async () => {
    await storedModel(api.store, "a");
    const events = await watch("");
    assert.deepEqual(told(await events.next()), ["ADDED", "a"]);
    const b = await storedModel(api.store, "b");
    assert.deepEqual(told(await events.next()), ["ADDED", "b"]);
    await api.store.write(
      { ...b, metadata: { ...b.metadata, labels: { x: "y" } } },
      { expect: b.metadata.resourceVersion ?? "", manager: "test" },
    );
    assert.deepEqual(told(await events.next()), ["MODIFIED", "b"]);
    const last = await api.store.remove("Model", { namespace: "default", name: "b" });
    const deleted = await events.next();
    assert.deepEqual(told(deleted), ["DELETED", "b"]);
    assert.equal(deleted?.object.metadata.resourceVersion, last.metadata.resourceVersion);
  });

  test("from a version it tells what came after, and nothing twice", async () => {
    await storedModel(api.store, "a");
    const { version } = await api.store.list("Model");
    await storedModel(api.store, "b");
    const events = await watch(`resourceVersion=${version}`);
    assert.deepEqual(told(await events.next()), ["ADDED", "b"]);
  });

  test("a version that is no longer kept is 410", async () => {
    for (let n = 0; n < 40; n += 1) await storedModel(api.store, `m${n}`);
    const events = await watch("resourceVersion=1");
    assert.equal(events.status, 410);
    assert.equal(((await events.next()) as unknown as JsonObject).reason, "Expired");
  });

  test("sendInitialEvents ends the initial objects with a bookmark", async () => {
    const { metadata } = await storedModel(api.store, "a");
    const events = await watch("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
    assert.deepEqual(told(await events.next()), ["ADDED", "a"]);
    const bookmark = await events.next();
    assert.equal(bookmark?.type, "BOOKMARK");
    assert.deepEqual(bookmark.object.metadata, {
      resourceVersion: metadata.resourceVersion,
      annotations: { "k8s.io/initial-events-end": "true" },
    });
    await storedModel(api.store, "b");
    assert.deepEqual(told(await events.next()), ["ADDED", "b"]);
  });

  test("a selector turns changes into arrivals and departures", async () => {
    const a = await storedModel(api.store, "a", { metadata: { labels: { x: "1" } } });
    await storedModel(api.store, "b");
    const events = await watch("labelSelector=x%3D1");
    assert.deepEqual(told(await events.next()), ["ADDED", "a"]);
    await api.store.write(
      { ...a, metadata: { ...a.metadata, labels: {} } },
      { expect: a.metadata.resourceVersion ?? "", manager: "test" },
    );
    assert.deepEqual(told(await events.next()), ["DELETED", "a"]);
  });

  test("events come as tables, the columns only once", async () => {
    await storedModel(api.store, "a");
    await storedModel(api.store, "b");
    const events = await watch("", { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    const tables = [await events.next(), await events.next()].map((event) => event?.object);
    assert.deepEqual(
      tables.map((table) => table?.kind),
      ["Table", "Table"],
    );
    assert.deepEqual(
      tables.map((table) => ((table?.columnDefinitions ?? []) as unknown[]).length > 0),
      [true, false],
    );
    assert.deepEqual(
      tables.map((table) => ((table?.rows ?? []) as { cells: unknown[] }[])[0]?.cells[0]),
      ["a", "b"],
    );
  });

  test("it ends when its time is up, and when the server drains", async () => {
    const short = await watch("timeoutSeconds=1");
    assert.equal(await short.next(), undefined);
    const long = await watch("");
    const ended = long.next();
    await api.close();
    assert.equal(await ended, undefined);
  });

  test("what makes no sense is refused", async () => {
    for (const query of ["allowWatchBookmarks=maybe", "resourceVersion=x", "timeoutSeconds=x"]) {
      assert.equal((await watch(query)).status, 400, query);
    }
    for (const query of ["sendInitialEvents=true", "resourceVersionMatch=NotOlderThan"]) {
      assert.equal((await watch(query)).status, 422, query);
    }
  });
});
