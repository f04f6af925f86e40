import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { silentLog, systemClock } from "@slipway/base";
import type { FrameRequestHead } from "@slipway/protocol";
import { unixFeed } from "./feed/feed-connector.ts";
import { RoutePublisher } from "./feed/route-publisher.ts";
import { startGateway } from "./start-gateway.ts";
import { echo, startPlatform, until } from "./testing/start-platform.ts";

describe("startGateway", () => {
  it("serves the default namespace, others, and pinned revisions, and tells the replica which it is", async (test) => {
    const platform = await startPlatform(test);
    const heads: FrameRequestHead[] = [];
    const replica = await platform.replica("a", (request, self) => {
      heads.push(request.head);
      echo(request, self);
    });
    const revisions = [
      { name: "digits-1", percent: 100, replicas: [replica] },
      { name: "digits-2", percent: 0, replicas: [replica] },
    ];
    await platform.publish("digits", revisions);
    await platform.publish("digits", revisions, "team");
    assert.equal((await platform.call("/v2/models/digits/infer", { body: "x" })).text, "a:x");
    assert.equal((await platform.call("/v2/models/digits/versions/digits-2/infer", { body: "y" })).text, "a:y");
    assert.equal((await platform.call("/namespaces/team/v2/models/digits/ready")).status, 200);
    assert.equal((await platform.call("/namespaces/team/v2/models/digits/versions/digits-1")).status, 200);
    assert.equal((await platform.call("/v2/models/digits", { method: "HEAD" })).status, 200);
    assert.deepEqual(
      heads.map(({ namespace, model, revision, method, path }) => `${method} ${namespace} ${model} ${revision} ${path}`),
      [
        "POST default digits digits-1 infer",
        "POST default digits digits-2 infer",
        "GET team digits digits-1 ready",
        "GET team digits digits-1 ",
        "GET default digits digits-1 ",
      ],
    );
  });

  it("lists the models of the table as a repository, and says that they are declared", async (test) => {
    const platform = await startPlatform(test);
    const replica = await platform.replica("a", echo);
    await platform.publish("digits", [
      { name: "digits-1", percent: 100, replicas: [replica] },
      { name: "digits-2", percent: 0, replicas: [] },
    ]);
    await platform.publish("empty", []);
    await platform.publish("other", [{ name: "other-1", percent: 100, replicas: [replica] }], "team");
    const ready = { name: "digits", version: "digits-1", state: "READY", reason: "" };
    const away = { state: "UNAVAILABLE", reason: "no replica is ready" };
    const index = async (path: string, body: string) => JSON.parse((await platform.call(path, { method: "POST", body })).text);
    assert.deepEqual(await index("/v2/repository/index", ""), [
      ready,
      { name: "digits", version: "digits-2", ...away },
      { name: "empty", ...away },
    ]);
    assert.deepEqual(await index("/v2/repository/index", '{"ready":true}'), [ready]);
    assert.deepEqual(await index("/namespaces/team/v2/repository/index", "{}"), [
      { name: "other", version: "other-1", state: "READY", reason: "" },
    ]);
    for (const change of ["load", "unload"]) {
      const refused = await platform.call(`/v2/repository/models/digits/${change}`, { method: "POST", body: "{}" });
      assert.equal(refused.status, 501);
      assert.match(refused.text, /declared.*slipway apply/);
    }
  });

  it("tells the replica every version of the model, for its metadata", async (test) => {
    const platform = await startPlatform(test);
    const seen: (string | undefined)[] = [];
    const replica = await platform.replica("a", (request, self) => {
      seen.push(request.head.headers["x-slipway-versions"]);
      echo(request, self);
    });
    await platform.publish("digits", [
      { name: "digits-2", percent: 100, replicas: [replica] },
      { name: "digits-1", percent: 0, replicas: [] },
    ]);
    await platform.call("/v2/models/digits");
    await platform.call("/v2/models/digits/ready");
    assert.deepEqual(seen, ["digits-2,digits-1", undefined]);
  });

  it("passes compressed bodies on as they are, with what the client may get back", async (test) => {
    const platform = await startPlatform(test);
    const heads: FrameRequestHead[] = [];
    const replica = await platform.replica("a", async (request) => {
      heads.push(request.head);
      const body = await request.body.whole(1_000_000);
      request.respond({ status: 200, headers: { "content-encoding": "gzip", vary: "accept-encoding" } }, body);
    });
    await platform.publish("digits", [{ name: "digits-1", percent: 100, replicas: [replica] }]);
    const body = gzipSync("text ".repeat(1000));
    for (const accepted of ["gzip", "gzip, deflate"]) {
      const answer = await fetch(`${platform.gateway.address.url}/v2/models/digits/infer`, {
        method: "POST",
        headers: { "content-encoding": "gzip", "accept-encoding": accepted },
        body,
      });
      assert.equal(answer.headers.get("vary"), "accept-encoding");
      assert.equal(await answer.text(), "text ".repeat(1000));
    }
    assert.deepEqual(
      heads.map(({ headers }) => [headers["content-encoding"], headers["accept-encoding"]]),
      [
        ["gzip", "gzip"],
        // A default list, and the client is on this machine.
        ["gzip", undefined],
      ],
    );
  });

  it("answers server metadata and health itself", async (test) => {
    const { call } = await startPlatform(test);
    assert.deepEqual(JSON.parse((await call("/v2")).text), {
      name: "slipway",
      version: "0.0.0-test",
      extensions: ["binary_tensor_data", "model_repository", "model_repository(unload_dependents)"],
    });
    assert.deepEqual(JSON.parse((await call("/v2/health/live")).text), { live: true });
    assert.deepEqual(JSON.parse((await call("/v2/health/ready")).text), { ready: true });
  });

  it("is not ready, and knows no model, before the first table", async (test) => {
    const gateway = await startGateway({
      listen: { host: "127.0.0.1", port: 0 },
      routes: unixFeed("/nonexistent/routes"),
      clock: systemClock,
      log: silentLog,
      version: "1",
      hold: { ms: 20 },
    });
    test.after(() => gateway.close());
    assert.equal((await fetch(`${gateway.address.url}/v2/health/live`)).status, 200);
    assert.equal((await fetch(`${gateway.address.url}/v2/health/ready`)).status, 503);
    const answer = await fetch(`${gateway.address.url}/v2/models/digits`);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("retry-after"), "1");
  });

  it("holds requests until the first table, and answers them by it", async (test) => {
    const platform = await startPlatform(test);
    const replica = await platform.replica("a", echo);
    const routesSocket = join(platform.directory, "later");
    const control = new RoutePublisher({ clock: systemClock, log: silentLog });
    await control.listen(routesSocket);
    const listen = { host: "127.0.0.1", port: 0 };
    const gateway = await startGateway({
      listen,
      routes: unixFeed(routesSocket),
      clock: systemClock,
      log: silentLog,
      version: "0.0.0-test",
    });
    test.after(async () => {
      await gateway.close();
      await control.close();
    });
    const send = (model: string) => fetch(`${gateway.address.url}/v2/models/${model}/infer`, { method: "POST", body: "x" });
    const [known, unknown] = [send("digits"), send("other")];
    await until("both wait", () => gateway.stats().waiting === 2);
    const revisions = [{ name: "r", percent: 100, replicas: [replica.route] }];
    control.publish("default", "digits", { namespace: "default", name: "digits", revisions });
    control.begin();
    assert.deepEqual([(await known).status, await (await known).text()], [200, "a:x"]);
    assert.equal((await unknown).status, 404);
  });

  it("holds requests for what it does not know while control is away: it may have been made meanwhile", async (test) => {
    const { call, publish, publisher, gateway, directory, replica } = await startPlatform(test);
    const first = await replica("a", echo);
    await publish("digits", [{ name: "r", percent: 100, replicas: [first] }]);
    await publisher.close();
    await until("the gateway has noticed", () => gateway.stats().staleSince !== undefined);
    const [made, other] = [call("/v2/models/made/infer", { body: "x" }), call("/v2/models/other/infer", { body: "x" })];
    const revision = call("/v2/models/digits/versions/new/infer", { body: "x" });
    await until("all wait", () => gateway.stats().waiting === 3);
    assert.equal((await call("/v2/models/made/ready")).status, 503);
    assert.equal((await call("/v2/models/made")).status, 503);
    assert.equal((await call("/v2/models/digits/infer", { body: "x" })).text, "a:x");
    const control = new RoutePublisher({ clock: systemClock, log: silentLog });
    test.after(() => control.close());
    await control.listen(join(directory, "routes"));
    const revisions = [{ name: "r", percent: 100, replicas: [first.route] }];
    for (const name of ["digits", "made"]) control.publish("default", name, { namespace: "default", name, revisions });
    control.begin();
    assert.equal((await made).text, "a:x");
    assert.deepEqual([(await other).status, (await revision).status], [404, 404]);
  });

  it("refuses what it does not serve", async (test) => {
    const { call, publish, gateway } = await startPlatform(test);
    await publish("digits", []);
    assert.equal((await call("/v2/models/nope/infer", { body: "x" })).status, 404);
    assert.match((await call("/v2/models/nope/infer", { body: "x" })).text, /no model \\"nope\\"/);
    assert.match((await call("/v2/models/digits/versions/v9/infer", { body: "x" })).text, /no revision \\"v9\\"/);
    assert.equal((await call("/v2/models/digits/infer")).status, 405);
    assert.equal((await call("/v2/models/digits", { body: "x" })).status, 405);
    for (const path of ["/", "/v2/models", "/v1/digits", "/v1/models/nope", "/v2/models/digits/other", "/v2/models//infer"]) {
      assert.equal((await call(path)).status, 404, path);
    }
    assert.equal((await call("/v2/models/%ff/ready")).status, 400);
    assert.equal((await call("/v2", { headers: { host: "evil.example" } })).status, 421);
    assert.equal((await call("/v2", { headers: { origin: "https://evil.example" } })).status, 421);
    assert.equal((await call("/v2/models/digits/infer", { body: "x", headers: { "request-timeout": "soon" } })).status, 400);
    assert.equal(gateway.stats().inflight, 0);
  });

  it("listens on loopback only", async () => {
    for (const host of ["0.0.0.0", "::", "192.0.2.1", "example.com", "128.0.0.1", "127.evil.example"]) {
      await assert.rejects(
        startGateway({
          listen: { host, port: 0 },
          routes: unixFeed("/nonexistent/routes"),
          clock: systemClock,
          log: silentLog,
          version: "1",
        }),
        { code: "invalid", message: /loopback only/ },
      );
    }
  });

  it("passes on the headers of inference and no others, both ways", async (test) => {
    const { call, publish, replica } = await startPlatform(test);
    const one = await replica("a", (request) =>
      request.respond(
        {
          status: 200,
          headers: {
            "content-type": "application/x",
            "x-request-id": "7",
            "set-cookie": "a=b",
            connection: "close",
            "x-slipway-own": "1",
          },
        },
        Buffer.from("ok"),
      ),
    );
    await publish("digits", [{ name: "r", percent: 100, replicas: [one] }]);
    const got = await call("/v2/models/digits/infer", {
      body: "x",
      headers: {
        "content-type": "application/octet-stream",
        "inference-header-content-length": "1",
        traceparent: "00-1",
        accept: "*/*",
        authorization: "Bearer secret",
        cookie: "a=b",
        "x-forwarded-for": "1.2.3.4",
        "x-own": "1",
        te: "trailers",
      },
    });
    assert.deepEqual(one.seen[0]!.head.headers, {
      "content-type": "application/octet-stream",
      accept: "*/*",
      "inference-header-content-length": "1",
      traceparent: "00-1",
    });
    assert.equal(got.headers["content-type"], "application/x");
    assert.equal(got.headers["x-request-id"], "7");
    assert.equal(got.headers["content-length"], "2");
    for (const name of ["set-cookie", "x-slipway-own"]) assert.equal(got.headers[name], undefined);
  });

  it("splits requests by the shares of the revisions", async (test) => {
    let draw = 0;
    // The golden ratio's multiples are spread evenly over [0, 1).
    const { call, publish, replica } = await startPlatform(test, { random: () => (draw++ * 0.618_033_988_749_895) % 1 });
    const old = await replica("old", echo);
    const fresh = await replica("fresh", echo);
    await publish("digits", [
      { name: "r1", percent: 90, replicas: [old] },
      { name: "r2", percent: 10, replicas: [fresh] },
    ]);
    for (let count = 0; count < 300; count++) await call("/v2/models/digits/infer", { body: "x" });
    assert.equal(old.seen.length + fresh.seen.length, 300);
    assert.ok(fresh.seen.length > 10 && fresh.seen.length < 60, `${fresh.seen.length} of 300`);
  });

  it("gives a request to the replica with the fewest in flight", async (test) => {
    const { call, publish, replica, gateway } = await startPlatform(test);
    const slow = await replica("slow", () => {});
    const quick = await replica("quick", echo);
    await publish("digits", [{ name: "r", percent: 100, replicas: [slow] }]);
    const stuck = call("/v2/models/digits/infer", { body: "x", headers: { "request-timeout": "3000" } });
    stuck.catch(() => {});
    await until("the slow one is busy", () => slow.seen.length === 1);
    await publish("digits", [{ name: "r", percent: 100, replicas: [slow, quick] }]);
    for (let count = 0; count < 20; count++) assert.equal((await call("/v2/models/digits/infer", { body: "x" })).text, "quick:x");
    assert.deepEqual(
      gateway.stats().replicas.map(({ name, inflight }) => [name, inflight]),
      [
        ["slow", 1],
        ["quick", 0],
      ],
    );
    slow.seen[0]!.respond({ status: 200, headers: {} });
    assert.equal((await stuck).status, 200);
  });
});
