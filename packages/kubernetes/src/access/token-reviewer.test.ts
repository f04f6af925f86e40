import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import type { Fetch, FetchResponse } from "@slipway/client";
import { RestClient } from "../rest/rest-client.ts";
import { TokenReviewer } from "./token-reviewer.ts";

/** A cluster that knows one token. */
function world() {
  const clock = new VirtualClock();
  const asked: string[] = [];
  let down = false;
  const fetch: Fetch = async (_url, init) => {
    const { token } = (JSON.parse(String(init.body)) as { spec: { token: string } }).spec;
    asked.push(token);
    if (down) throw new TypeError("fetch failed");
    const status =
      token === "good" ? { authenticated: true, user: { username: "ada", groups: ["ml"] } } : { authenticated: false };
    return Response.json({ status }, { status: 201 }) as FetchResponse;
  };
  const reviewer = new TokenReviewer({ rest: new RestClient({ baseUrl: "https://api.example", fetch }), clock, most: 100 });
  return {
    clock,
    asked,
    reviewer,
    setDown: (value: boolean) => {
      down = value;
    },
  };
}

test("a good token is asked about once a minute, a bad one every five seconds", async () => {
  const { asked, clock, reviewer } = world();
  const both = () => Promise.all([reviewer.review("good"), reviewer.review("good"), reviewer.review("bad")]);
  assert.deepEqual(await both(), [{ name: "ada", groups: ["ml"] }, { name: "ada", groups: ["ml"] }, undefined]);
  await clock.advance(4_999);
  await both();
  assert.deepEqual(asked, ["good", "bad"]);
  await clock.advance(2);
  await both();
  assert.deepEqual(asked, ["good", "bad", "bad"]);
  await clock.advance(55_000);
  await both();
  assert.equal(asked.filter((token) => token === "good").length, 2);
});

test("a cluster that cannot be asked is no answer, and is asked again", async () => {
  const { asked, reviewer, setDown } = world();
  setDown(true);
  await assert.rejects(reviewer.review("good"), { code: "unavailable" });
  setDown(false);
  assert.equal((await reviewer.review("good"))?.name, "ada");
  assert.equal(asked.length, 2);
});

test("tokens that somebody tries out do not fill the memory, nor the cluster", async () => {
  const { reviewer } = world();
  for (let batch = 0; batch < 5; batch++)
    await Promise.all(Array.from({ length: 50 }, (_, each) => reviewer.review(`try ${batch} ${each}`)));
  assert.ok((reviewer as unknown as { entries: Map<string, unknown> }).entries.size <= 100);
  const answers = await Promise.allSettled(Array.from({ length: 60 }, (_, each) => reviewer.review(`at once ${each}`)));
  assert.equal(answers.filter(({ status }) => status === "rejected").length, 10);
});
