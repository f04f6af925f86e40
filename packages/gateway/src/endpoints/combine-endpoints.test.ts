import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteTable } from "@slipway/protocol";
import { combineEndpoints } from "./combine-endpoints.ts";
import type { Endpoint } from "./endpoints.ts";

const address = (name: string) => `tls://10.0.0.${name.charCodeAt(0)}:7880`;
const replica = (name: string) => ({ name, address: address(name) });
/** `a` is ready, `a?` is not, `a!` is terminating, `a?!` is both. */
const endpoint = (text: string): Endpoint => ({
  ...replica(text[0]!),
  ready: !text.includes("?"),
  terminating: text.includes("!"),
});
const table = (names: string): RouteTable => ({
  generation: 7,
  models: [
    {
      namespace: "team",
      name: "digits",
      revisions: [
        { name: "digits-1", percent: 100, replicas: [...names].map(replica) },
        { name: "digits-2", percent: 0, replicas: [replica("z")] },
      ],
    },
  ],
});

const used = (names: string, endpoints: readonly string[] | undefined, controlAway: boolean, key = "team/digits-1") => {
  const known = new Map(endpoints === undefined ? [] : [[key, endpoints.map(endpoint)]]);
  const combined = combineEndpoints(table(names), known, controlAway);
  assert.equal(combined.generation, 7);
  const [first, second] = combined.models[0]!.revisions;
  assert.deepEqual([first?.percent, second], [100, table(names).models[0]!.revisions[1]], "shares and other revisions stay");
  for (const { name, address: place } of first!.replicas) assert.equal(place, address(name));
  return first!.replicas.map(({ name }) => name).join("");
};

for (const [what, names, endpoints, away, expected] of [
  ["nothing is known of the revision: the table as it is", "ab", undefined, false, "ab"],
  ["all are there", "ab", ["a", "b"], false, "ab"],
  ["one is ending", "ab", ["a", "b!"], false, "a"],
  ["one is ending and still ready", "ab", ["a?!", "b"], false, "b"],
  ["one is gone", "ab", ["b"], false, "b"],
  ["one fails its probe: pings decide, as on one machine", "ab", ["a?", "b"], false, "ab"],
  ["all are ending", "ab", ["a!", "b!"], false, ""],
  ["the list is behind: empty", "ab", [], false, "ab"],
  ["the list is behind: only those before", "ab", ["c!"], false, "ab"],
  ["the list is behind, one is ending", "ab", ["a!"], false, "b"],
  ["one more is ready, and control will say whether it is used", "a", ["a", "b"], false, "a"],
  ["one more is ready and control is away", "a", ["a", "b"], true, "ab"],
  ["one more is not ready and control is away", "a", ["a", "b?", "c!"], true, "a"],
  ["all were replaced while control is away", "ab", ["c", "d"], true, "cd"],
  ["all were replaced, half gone, while control is away", "ab", ["a!", "c"], true, "c"],
  ["the first comes while control is away", "", ["a"], true, "a"],
] as const) {
  test(`combineEndpoints(): ${what}`, () => assert.equal(used(names, endpoints, away), expected));
}

test("combineEndpoints() tells namespaces apart", () => assert.equal(used("ab", [], false, "other/digits-1"), "ab"));
