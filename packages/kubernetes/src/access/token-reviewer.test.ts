import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import type { Fetch, FetchResponse } from "@slipway/client";
import { RestClient } from "../rest/rest-client.ts";
import { TokenReviewer } from "./token-reviewer.ts";

/** A cluster that knows one token. */
function world() {
  const clock = new VirtualClock();
  let state: "there" | "down" | "silent" = "there";
  const fetch: Fetch = async (_url, init) => {
    const { token } = (JSON.parse(String(init.body)) as { spec: { token: string } }).spec;
    if (state === "down") throw new TypeError("fetch failed");
    if (state === "silent")
      await new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    const status =
      token === "good" ? { authenticated: true, user: { username: "ada", groups: ["ml"] } } : { authenticated: false };
    return Response.json({ status }, { status: 201 }) as FetchResponse;
  };
  const reviewer = new TokenReviewer({ rest: new RestClient({ baseUrl: "https://api.example", fetch }), clock });
  return {
    clock,
    reviewer,
    become: (value: typeof state) => {
      state = value;
    },
  };
}

test("a token is somebody's or nobody's", async () => {
  const { reviewer } = world();
  assert.deepEqual(await reviewer.review("good"), { name: "ada", groups: ["ml"] });
  assert.equal(await reviewer.review("bad"), undefined);
});

test("a cluster that cannot be asked, or does not answer within 5 s, is no answer", async () => {
  const { clock, reviewer, become } = world();
  become("down");
  await assert.rejects(reviewer.review("good"), { code: "unavailable" });
  become("silent");
  const late = assert.rejects(reviewer.review("good"), { code: "cancelled" });
  await clock.advance(5_000);
  await late;
  become("there");
  assert.equal((await reviewer.review("good"))?.name, "ada");
});
