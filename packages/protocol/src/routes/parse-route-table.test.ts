import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import { parseFeedDown, parseFeedUp } from "./feed-message.ts";
import { parseRouteTable } from "./parse-route-table.ts";

const good = {
  generation: 3,
  models: [
    {
      namespace: "default",
      name: "digits",
      revisions: [
        { name: "digits-1", percent: 90, replicas: [{ name: "digits-1-0", address: "/run/a" }] },
        { name: "digits-2", percent: 10, replicas: [] },
      ],
    },
    { namespace: "team", name: "digits", revisions: [] },
  ],
};

/** The good table with one value replaced. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(good) as unknown as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path.at(-1)!] = value;
  return copy;
}

describe("parseRouteTable", () => {
  it("gives a good table back, without what does not belong to it", () => {
    assert.deepEqual(parseRouteTable(good), good);
    assert.deepEqual(parseRouteTable({ ...good, extra: 1 }), good);
  });

  it("names the field of every problem, all at once", () => {
    const revision = ["models", 0, "revisions", 0];
    const cases: [readonly (string | number)[], unknown, string][] = [
      [["generation"], -1, "generation"],
      [["generation"], "3", "generation"],
      [["models"], {}, "models"],
      [["models", 1], good.models[0], "models[1]"],
      [["models", 0, "name"], "", "models[0].name"],
      [["models", 0, "namespace"], "n".repeat(254), "models[0].namespace"],
      [[...revision, "percent"], 101, "models[0].revisions[0].percent"],
      [[...revision, "percent"], 89, "models[0].revisions"],
      [[...revision, "percent"], Number.NaN, "models[0].revisions[0].percent"],
      [[...revision, "name"], "digits-2", "models[0].revisions[1]"],
      [[...revision, "replicas", 0, "address"], "relative", "models[0].revisions[0].replicas[0].address"],
      [[...revision, "replicas", 0, "address"], `/${"a".repeat(107)}`, "models[0].revisions[0].replicas[0].address"],
    ];
    for (const [path, value, expected] of cases) {
      assert.throws(
        () => parseRouteTable(changed(path, value)),
        (error: SlipwayError) => error.code === "invalid" && error.problems.some((problem) => problem.path === expected),
        expected,
      );
    }
    assert.throws(
      () => parseRouteTable({ generation: "x", models: [null, { revisions: 3 }] }),
      (error: SlipwayError) => error.problems.length > 5,
    );
  });

  it("throws nothing but SlipwayErrors, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        assert.throws(() => parseRouteTable(value), SlipwayError);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        assert.throws(() => parseFeedDown(line), SlipwayError);
        assert.throws(() => parseFeedUp(line), SlipwayError);
      }),
    );
  });

  it("reads the messages of the feed", () => {
    assert.deepEqual(parseFeedDown(JSON.stringify({ type: "routes", table: good })), { type: "routes", table: good });
    assert.deepEqual(parseFeedDown('{"type":"ping"}'), { type: "ping" });
    assert.deepEqual(parseFeedUp('{"type":"hello","version":1,"gateway":"g"}'), { type: "hello", version: 1, gateway: "g" });
    assert.deepEqual(parseFeedUp('{"type":"applied","generation":4}'), { type: "applied", generation: 4 });
    assert.deepEqual(parseFeedUp('{"type":"pong"}'), { type: "pong" });
  });
});
