import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson, parseYaml } from "./read-body.ts";

test("parseYaml reads YAML 1.2 and JSON alike", () => {
  assert.deepEqual(parseYaml("a: { b: no, c: 010, d: 1e3, e: [on] }"), { a: { b: "no", c: 10, d: 1000, e: ["on"] } });
  assert.deepEqual(parseYaml('{"a":{"b":[1]}}'), { a: { b: [1] } });
  assert.deepEqual(parseYaml("{a: 1}"), { a: 1 });
});

for (const [name, text] of [
  ["two documents", "a: 1\n---\nb: 2\n"],
  ["no document", ""],
  ["duplicate keys", "a: 1\na: 2\n"],
  ["duplicate JSON keys", '{"a":1,"a":2}'],
  ["custom tags", "a: !!js/function 'x'\n"],
  ["unknown tags", "a: !secret x\n"],
  ["keys that are objects", "? [a]\n: b\n"],
  ["the prototype's name", "__proto__: { a: 1 }\n"],
  [
    "too many aliases",
    `a: &a [x]\n${Array.from({ length: 9 }, (_, n) => `b${n}: &b${n} [${`*${n === 0 ? "a" : `b${n - 1}`},`.repeat(9)}]`).join("\n")}\n`,
  ],
  ["broken syntax", "a: [1\n"],
] as const) {
  test(`parseYaml refuses ${name}`, () => {
    assert.throws(() => parseYaml(text), { code: "badRequest" });
  });
}

for (const [name, text] of [
  ["broken JSON", "{"],
  ["the prototype's name", '{"a":{"__proto__":1}}'],
  ["nesting without end", "[".repeat(100_000) + "]".repeat(100_000)],
  ["duplicate keys", '{"a":{"b":1,"b":1}}'],
] as const) {
  test(`parseJson refuses ${name}`, () => {
    assert.throws(() => parseJson(text), { code: "badRequest" });
  });
}
