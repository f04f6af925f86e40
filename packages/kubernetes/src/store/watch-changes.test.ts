import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError, VirtualClock } from "@slipway/base";
import type { Fetch, FetchResponse } from "@slipway/client";
import type { Change } from "@slipway/store";
import { KubernetesStore } from "./kubernetes-store.ts";

type Step = (signal: AbortSignal | undefined) => FetchResponse;

const event = (type: string, version: number) =>
  `${JSON.stringify({ type, object: { metadata: { name: "m", namespace: "default", resourceVersion: String(version) } } })}\n`;

/** An answer whose body is these chunks, and then ends, fails, or stays open until the call is aborted. */
function streaming(chunks: readonly string[], end: "ends" | "breaks" | "hangs" = "ends"): Step {
  return (signal) => ({
    ok: true,
    status: 200,
    headers: new Headers(),
    text: async () => chunks.join(""),
    body: (async function* () {
      for (const chunk of chunks) yield new TextEncoder().encode(chunk);
      if (end === "breaks") throw new Error("socket hang up");
      if (end === "hangs") await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    })(),
  });
}

const refusing =
  (status: number, reason: string): Step =>
  () =>
    Response.json({ kind: "Status", status: "Failure", message: reason, reason, code: status }, { status }) as FetchResponse;

const unreachable: Step = () => {
  throw new TypeError("fetch failed");
};

/** Watches Models through a server that answers with one step after the other. */
async function watching(steps: readonly Step[], count: number) {
  const asked: string[] = [];
  const fetch: Fetch = async (url, init) => {
    asked.push(new URL(url).searchParams.get("resourceVersion") ?? "");
    const step = steps[asked.length - 1];
    assert.ok(step, "more calls than answers");
    return step(init.signal);
  };
  const clock = new VirtualClock();
  const store = new KubernetesStore({ server: { baseUrl: "https://api.example", fetch }, clock });
  const stop = new AbortController();
  const seen: Change<"Model">[] = [];
  let finished = false;
  const work = (async () => {
    for await (const change of store.watch("Model", { from: "1", bookmarks: true }, stop.signal))
      if (seen.push(change) === count) break;
  })().finally(() => {
    finished = true;
  });
  work.catch(() => {});
  for (let step = 0; step < 100 && !finished; step++) await clock.advance(10_000);
  stop.abort();
  const error = await work.then(
    () => undefined,
    (caught: unknown) => SlipwayError.from(caught).code,
  );
  return { seen: seen.map(({ type, version }) => `${type} ${version}`), asked, error };
}

test("a watch that the server ends, loses or refuses for a while goes on where it was", async () => {
  const { seen, asked, error } = await watching(
    [
      streaming([event("ADDED", 2)]),
      streaming([event("MODIFIED", 3), '{"type":"MODI'], "breaks"),
      unreachable,
      refusing(503, "ServiceUnavailable"),
      refusing(429, "TooManyRequests"),
      refusing(500, "InternalError"),
      streaming([event("BOOKMARK", 7)]),
      streaming([event("DELETED", 8)], "hangs"),
    ],
    4,
  );
  assert.deepEqual(seen, ["added 2", "modified 3", "bookmark 7", "deleted 8"]);
  assert.deepEqual(asked, ["1", "2", "3", "3", "3", "3", "3", "7"]);
  assert.equal(error, undefined);
});

test("a connection that died unnoticed is given up after a while", async () => {
  const { seen, asked } = await watching([streaming([event("ADDED", 2)], "hangs"), streaming([event("DELETED", 3)], "hangs")], 2);
  assert.deepEqual(
    [seen, asked],
    [
      ["added 2", "deleted 3"],
      ["1", "2"],
    ],
  );
});

test("history that is gone is the caller's to handle, in the head or in the stream", async () => {
  const gone = `${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } })}\n`;
  assert.equal((await watching([refusing(410, "Expired")], 1)).error, "expired");
  const late = await watching([streaming([event("ADDED", 2), gone])], 2);
  assert.deepEqual([late.error, late.seen], ["expired", ["added 2"]]);
});

test("what does not pass by waiting is told at once", async () => {
  assert.equal((await watching([refusing(403, "Forbidden")], 1)).error, "forbidden");
  assert.equal((await watching([refusing(401, "Unauthorized")], 1)).error, "unauthenticated");
});
