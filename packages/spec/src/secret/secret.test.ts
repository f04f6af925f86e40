import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "../parse/parse.ts";

const secret = (fields: Record<string, unknown>) => ({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, ...fields });

test("parse() moves stringData into data, where it wins, and sets the type", () => {
  const parsed = parse("Secret", secret({ data: { a: "eA==", b: "eQ==" }, stringData: { b: "grün" } }), { source: "api" });
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.data, { a: "eA==", b: Buffer.from("grün").toString("base64") });
  assert.equal(parsed.value.type, "Opaque");
  assert.ok(!("stringData" in parsed.value));
});

test("parse() drops line breaks from base64, as Kubernetes does", () => {
  const parsed = parse("Secret", secret({ data: { a: "aGVs\nbG8=\n" } }), { source: "api" });
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.data, { a: "aGVsbG8=" });
});

test("parse() takes any bytes and any text", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: "grapheme" }), (bytes, text) => {
      const data = { a: Buffer.from(bytes).toString("base64") };
      const parsed = parse("Secret", secret({ data, stringData: { b: text } }), { source: "api" });
      assert.ok(parsed.ok);
      assert.deepEqual(parsed.value.data, { ...data, b: Buffer.from(text).toString("base64") });
    }),
  );
});

const refused: [what: string, fields: Record<string, unknown>, path: string][] = [
  ["a value that is no base64", { data: { a: "hunter2!" } }, "data.a"],
  ["base64 without padding", { data: { a: "aHVudGVyMg" } }, "data.a"],
  ["a number", { data: { a: 4711471 } }, "data.a"],
  ["a number in stringData", { stringData: { a: 4711471 } }, "stringData.a"],
  ["an object in stringData", { stringData: { a: { hunter2: 1 } } }, "stringData.a"],
  ["data that is text", { data: "hunter2" }, "data"],
  ["a key that is a path", { stringData: { "../a": "hunter2" } }, "stringData[../a]"],
  ["a key that is hidden too well", { stringData: { "..a": "hunter2" } }, "stringData[..a]"],
  ["more than a mebibyte", { stringData: { a: "hunter2".repeat(200_000) } }, "data"],
];

for (const [what, fields, path] of refused) {
  test(`parse() refuses ${what} and never repeats the value`, () => {
    const parsed = parse("Secret", secret(fields), { source: "api" });
    assert.ok(!parsed.ok);
    assert.deepEqual(
      parsed.problems.map((problem) => problem.path),
      [path],
    );
    assert.doesNotMatch(JSON.stringify(parsed.problems), /hunter2|4711471|aHVudGVyMg/);
  });
}
