import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { SlipwayError, silentLog, systemClock } from "@slipway/base";
import { fixtureBundle, tensorJson } from "../../fixtures/start-fixture.ts";
import { type InferenceCall, openLoadableModel, type ServedReplica, startReplica } from "../index.ts";

function call(rounds: number): InferenceCall {
  const body = Buffer.from(JSON.stringify({ inputs: [tensorJson("rounds", "INT64", [1], [rounds])] }));
  return { model: "m", operation: "infer", headers: {}, body, caller: { cancelled: false, deadlineAt: undefined } };
}

/** A model whose starts wait for `gate` and are counted. */
async function open(t: TestContext) {
  const bundle = await fixtureBundle(t, "slow");
  const starts: ServedReplica[] = [];
  const control: { gate: Promise<void> } = { gate: Promise.resolve() };
  const start = async () => {
    await control.gate;
    const replica = await startReplica({
      ...bundle,
      namespace: "default",
      model: "m",
      revision: "m-1",
      clock: systemClock,
      log: silentLog,
    });
    starts.push(replica);
    return replica;
  };
  const model = await openLoadableModel({ start, log: silentLog });
  t.after(() => model.close());
  return { model, starts, control };
}

describe("a loadable model", () => {
  it("B26 answers what it has when it is unloaded, and 404 to what comes then", async (t) => {
    const { model, starts } = await open(t);
    const running = model.handle(call(20_000));
    const waiting = model.handle(call(1));
    const unloaded = model.unload();
    await Promise.resolve();
    assert.equal((await model.handle(call(1))).status, 404);
    assert.equal(model.entry.state, "UNLOADING");
    assert.equal((await running).status, 200);
    assert.equal((await waiting).status, 200);
    await unloaded;
    assert.deepEqual(model.entry, { name: "m", version: "m-1", state: "UNAVAILABLE", reason: "unloaded" });
    assert.equal(starts[0]!.state, "closed");
  });

  it("B26 answers 503 with Retry-After while it is loaded, and not before it is ready", async (t) => {
    const { model, control } = await open(t);
    await model.unload();
    const gate = Promise.withResolvers<void>();
    control.gate = gate.promise;
    const loaded = model.load();
    await Promise.resolve();
    assert.equal(model.entry.state, "LOADING");
    const early = await model.handle(call(1));
    assert.deepEqual([early.status, early.headers["retry-after"]], [503, "1"]);
    assert.match(model.notReady() ?? "", /is being loaded/);
    gate.resolve();
    await loaded;
    assert.equal(model.notReady(), undefined);
    assert.equal((await model.handle(call(1))).status, 200);
  });

  it("goes on with the old one until the new one is ready, and when that does not start", async (t) => {
    const { model, starts, control } = await open(t);
    const gate = Promise.withResolvers<void>();
    control.gate = gate.promise;
    const again = model.load();
    assert.equal((await model.handle(call(1))).status, 200);
    assert.equal(model.entry.state, "READY");
    gate.resolve();
    await again;
    assert.deepEqual(
      starts.map((replica) => replica.state),
      ["closed", "ready"],
    );
    control.gate = Promise.reject(new SlipwayError("invalid", "The file is gone."));
    control.gate.catch(() => {});
    await assert.rejects(model.load(), { message: "The file is gone." });
    assert.equal((await model.handle(call(1))).status, 200);
    await model.unload();
    await assert.rejects(model.load(), { message: "The file is gone." });
    assert.deepEqual(model.entry, { name: "m", version: "m-1", state: "UNAVAILABLE", reason: "The file is gone." });
    assert.equal((await model.handle(call(1))).status, 404);
  });

  it("makes changes in the order they were asked for, and none after it was closed", async (t) => {
    const { model, starts } = await open(t);
    await Promise.all([model.unload(), model.load(), model.unload(), model.unload(), model.load()]);
    assert.equal(starts.length, 3);
    assert.equal(model.entry.state, "READY");
    await model.close();
    await assert.rejects(model.load(), { code: "unavailable" });
    assert.ok(starts.every((replica) => replica.state === "closed"));
  });
});
