import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { createLog, SlipwayError, silentLog, systemClock, VirtualClock } from "@slipway/base";
import type { User } from "@slipway/http";
import { echo, startPlatform, until } from "../testing/start-platform.ts";
import type { ApiKeyEntry } from "./api-keys.ts";
import { GatewayAccess } from "./gateway-access.ts";
import type { TokenReviewer } from "./reviewed-tokens.ts";

const secret = "A".repeat(43);
const key = (id: string) => `slw_${id}_${secret}`;
const entry = (id: string, models?: readonly string[]): ApiKeyEntry => ({
  sha256: createHash("sha256").update(key(id)).digest("hex"),
  ...(models === undefined ? {} : { models }),
});

/** An API server that knows `good`, counts questions, and can be away or silent. */
class FakeReviewer implements TokenReviewer {
  asked = 0;
  state: "there" | "away" | "silent" = "there";
  good = true;

  review(token: string): Promise<User | undefined> {
    this.asked += 1;
    if (this.state === "silent") return new Promise(() => {});
    if (this.state === "away") return Promise.reject(new SlipwayError("unavailable", "The API server cannot be reached."));
    return Promise.resolve(token === "good" && this.good ? { name: "system:serviceaccount:team:ci", groups: [] } : undefined);
  }
}

function parts(entries: Record<string, ApiKeyEntry> = {}) {
  const keys: { entries: ReadonlyMap<string, ApiKeyEntry> | undefined } = { entries: new Map(Object.entries(entries)) };
  const reviewer = new FakeReviewer();
  const clock = new VirtualClock();
  return { keys, reviewer, clock, access: new GatewayAccess({ keys, reviewer, clock, log: silentLog }) };
}

describe("GatewayAccess: API keys", () => {
  it("are known by their hash", async () => {
    const { access, reviewer } = parts({ "ci-1": entry("ci-1"), other: entry("ci-1") });
    assert.equal((await access.authenticate(key("ci-1")))?.name, "key:ci-1");
    for (const wrong of [
      key("other"),
      key("none"),
      `${key("ci-1")}x`,
      "slw_",
      "slw_ci-1_",
      "slw_ci-1",
      `slw_${"x".repeat(9_000)}`,
    ]) {
      assert.equal(await access.authenticate(wrong), undefined, wrong);
    }
    assert.equal(reviewer.asked, 0, "an API key is shown to nobody");
  });

  it("count from when they are there until they are gone", async () => {
    const { access, keys } = parts();
    assert.equal(access.ready, true);
    assert.equal(await access.authenticate(key("a")), undefined);
    keys.entries = new Map([["a", entry("a")]]);
    assert.equal((await access.authenticate(key("a")))?.name, "key:a");
    keys.entries = new Map();
    assert.equal(await access.authenticate(key("a")), undefined);
  });

  it("cannot be judged before they were read", () => {
    const { keys, access } = parts();
    keys.entries = undefined;
    assert.equal(access.ready, false);
    assert.throws(() => access.authenticate(key("a")), { code: "unavailable", retryAfter: 1 });
  });

  it("are for the models they name", async () => {
    const { access } = parts({ one: entry("one", ["team/digits"]), all: entry("all", ["team/*"]), none: entry("none", []) });
    const may = async (id: string, namespace: string, model: string) => {
      const caller = await access.authenticate(key(id));
      assert.ok(caller);
      try {
        caller.demand(namespace, model);
        return true;
      } catch (error) {
        assert.equal((error as SlipwayError).code, "forbidden");
        return false;
      }
    };
    assert.deepEqual([await may("one", "team", "digits"), await may("one", "team", "other")], [true, false]);
    assert.deepEqual([await may("all", "team", "other"), await may("all", "other", "digits")], [true, false]);
    assert.equal(await may("none", "team", "digits"), false);
    assert.equal(await parts({ a: { sha256: "x" } }).access.authenticate(key("a")), undefined);
  });
});

describe("GatewayAccess: Kubernetes tokens", () => {
  it("are asked for once, together, and again in the background while they are used", async () => {
    const { access, reviewer, clock } = parts();
    const answers = await Promise.all([access.authenticate("good"), access.authenticate("good"), access.authenticate("good")]);
    assert.deepEqual(
      answers.map((caller) => caller?.name),
      Array(3).fill("system:serviceaccount:team:ci"),
    );
    assert.equal(reviewer.asked, 1);
    await clock.advance(19_000);
    assert.ok(!(access.authenticate("good") instanceof Promise));
    assert.equal(reviewer.asked, 1);
    await clock.advance(2_000);
    assert.ok(!(access.authenticate("good") instanceof Promise));
    assert.equal(reviewer.asked, 2);
  });

  it("stay good for a minute while the API server is away, and no longer", async () => {
    const { access, reviewer, clock } = parts();
    await access.authenticate("good");
    reviewer.state = "away";
    await clock.advance(59_000);
    assert.equal((await access.authenticate("good"))?.name, "system:serviceaccount:team:ci");
    await clock.advance(1_000);
    await assert.rejects(async () => access.authenticate("good"), { code: "unavailable", retryAfter: 1 });
    reviewer.state = "there";
    assert.equal((await access.authenticate("good"))?.name, "system:serviceaccount:team:ci");
  });

  it("stop being good as soon as that is known", async () => {
    const { access, reviewer, clock } = parts();
    await access.authenticate("good");
    reviewer.good = false;
    await clock.advance(21_000);
    void access.authenticate("good");
    await clock.advance(0);
    assert.equal(await access.authenticate("good"), undefined);
  });

  it("of nobody are not asked for again and again", async () => {
    const { access, reviewer, clock } = parts();
    for (let count = 0; count < 5; count += 1) assert.equal(await access.authenticate("bad"), undefined);
    assert.equal(reviewer.asked, 1);
    await clock.advance(5_000);
    assert.equal(await access.authenticate("bad"), undefined);
    assert.equal(reviewer.asked, 2);
  });

  it("are not asked for more than 32 at once", async () => {
    const { access, reviewer } = parts();
    reviewer.state = "silent";
    const waiting = Array.from({ length: 33 }, (_, index) => Promise.resolve(access.authenticate(`token-${index}`)));
    await assert.rejects(waiting[32]!, { code: "unavailable", message: /Too many/ });
    assert.equal(reviewer.asked, 32);
  });
});

describe("a gateway with access", () => {
  async function guarded(test: TestContext) {
    const { keys, reviewer } = parts({ all: entry("all"), one: entry("one", ["default/other"]) });
    const lines: string[] = [];
    const log = createLog({ write: (line) => lines.push(line), clock: systemClock, level: "debug" });
    const access = new GatewayAccess({ keys, reviewer, clock: systemClock, log });
    const allowedHosts = ["slipway-gateway", "models.example"];
    const platform = await startPlatform(test, { listen: { host: "0.0.0.0", port: 0 }, access, allowedHosts, log });
    const replica = await platform.replica("a", echo);
    await platform.publish("digits", [{ name: "r", percent: 100, replicas: [replica] }]);
    const call = (path: string, authorization?: string, headers = {}, body?: string) =>
      platform.call(path, {
        headers: { host: "slipway-gateway", ...(authorization === undefined ? {} : { authorization }), ...headers },
        ...(body === undefined ? {} : { body }),
      });
    return { platform, replica, reviewer, keys, lines, call };
  }
  const infer = "/v2/models/digits/infer";

  it("answers holders of a key or a token, and tells everybody else what to do", async (test) => {
    const { call } = await guarded(test);
    assert.equal((await call(infer, `Bearer ${key("all")}`, {}, "x")).text, "a:x");
    assert.equal((await call(infer, "bearer good", {}, "y")).text, "a:y");
    assert.equal((await call("/v2", "Bearer good")).status, 200);
    for (const [path, authorization] of [
      [infer, undefined],
      [infer, "Bearer bad"],
      [infer, `Bearer ${key("none")}`],
      [infer, `Basic ${key("all")}`],
      [infer, "Bearer"],
      [`${infer}?key=${key("all")}`, undefined],
      [`${infer}?access_token=good`, undefined],
      ["/v2", undefined],
      ["/v2/models/digits", undefined],
      ["/v2/models/digits/ready", undefined],
      ["/v2/models/nope", undefined],
      ["/namespaces/team/v2/models/digits/versions/r", undefined],
    ] as const) {
      const got = await call(path, authorization, {}, path.startsWith(infer) ? "x" : undefined);
      assert.equal(got.status, 401, `${path} ${authorization}`);
      assert.equal(got.headers["www-authenticate"], "Bearer");
      const { error, hint } = JSON.parse(got.text) as { error: string; hint: string };
      assert.match(error, /token/);
      assert.match(hint, /slipway key create.*Authorization: Bearer/);
    }
  });

  it("refuses models that a key is not for, whether they are there or not", async (test) => {
    const { call } = await guarded(test);
    for (const path of [infer, "/namespaces/team/v2/models/nope/infer"]) {
      const got = await call(path, `Bearer ${key("one")}`, {}, "x");
      assert.equal(got.status, 403);
      assert.match(got.text, /This API key is not for this model/);
    }
    assert.equal((await call("/v2/models/other", `Bearer ${key("one")}`)).status, 404);
  });

  it("says 503 while it cannot be known who somebody is", async (test) => {
    const { call, reviewer, keys, platform } = await guarded(test);
    reviewer.state = "away";
    const got = await call(infer, "Bearer good", {}, "x");
    assert.deepEqual([got.status, got.headers["retry-after"]], [503, "1"]);
    keys.entries = undefined;
    assert.equal((await call(infer, `Bearer ${key("all")}`, {}, "x")).status, 503);
    assert.match(platform.gateway.notReady() ?? "", /API keys/);
  });

  it("answers for its names only, and tells everybody its health", async (test) => {
    const { call } = await guarded(test);
    assert.equal((await call("/v2/health/ready")).status, 200);
    assert.equal((await call("/v2/health/live", undefined, { host: "models.example:80" })).status, 200);
    for (const host of ["evil.example", "127.0.0.1", "10.0.0.7:7878", "slipway-gateway.evil.example"]) {
      assert.equal((await call(infer, `Bearer ${key("all")}`, { host }, "x")).status, 421, host);
    }
  });

  it("neither passes a credential on nor logs it", async (test) => {
    const { call, replica, lines, platform } = await guarded(test);
    const query = { "x-api-key": key("all"), cookie: `key=${key("all")}`, "proxy-authorization": `Bearer ${key("all")}` };
    await call(infer, `Bearer ${key("all")}`, query, "x");
    await call(infer, `Bearer ${key("none")}`, {}, "x");
    await call(`${infer}?key=${key("all")}`, undefined, {}, "x");
    await replica.kill();
    await until("the gateway knows", () => platform.gateway.stats().lostConnections === 1);
    assert.ok(replica.seen.length > 0 && lines.length > 0);
    assert.doesNotMatch(JSON.stringify(replica.seen.map(({ head }) => head)), /slw_|authorization/i);
    assert.doesNotMatch(lines.join(""), new RegExp(`slw_|${secret}`));
  });
});
