import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import { parseYaml } from "./parse-yaml.ts";

function read(text: string): unknown[] {
  return parseYaml({ text, file: "m.yaml", directory: "/" }).map((document) => document.value);
}

function refusal(text: string): string[] {
  try {
    parseYaml({ text, file: "m.yaml", directory: "/" });
  } catch (caught) {
    assert.ok(caught instanceof SlipwayError);
    assert.equal(caught.code, "invalid");
    return caught.problems.map((problem) => {
      const { file, line, column } = problem as unknown as { file: string; line: number; column: number };
      return `${file}:${line}:${column} ${problem.message}`;
    });
  }
  return [];
}

test("text is read as YAML 1.2: no is text, 010 is ten, a date is text", () => {
  assert.deepEqual(read("a: no\nb: on\nc: 010\nd: 0o10\ne: 2026-01-01\nf: ~\n"), [
    { a: "no", b: "on", c: 10, d: 8, e: "2026-01-01", f: null },
  ]);
});

test("empty documents and comments are left out", () => {
  assert.deepEqual(read("---\n# only a comment\n---\na: 1\n---\n---\nb: 2\n...\n"), [{ a: 1 }, { b: 2 }]);
  assert.deepEqual(read(""), []);
});

test("what is dangerous or ambiguous is refused with its place", () => {
  assert.deepEqual(refusal("a: 1\nb: 2\na: 3\n"), ["m.yaml:3:1 Map keys must be unique."]);
  assert.match(
    refusal("a: 1\nb: !!js/function 'x'\n")[0] ?? "",
    /^m\.yaml:2:4 The tag tag:yaml\.org,2002:js\/function is refused/,
  );
  assert.match(refusal("b: !mine {}\n")[0] ?? "", /^m\.yaml:1:4 The tag !mine is refused/);
  assert.match(refusal("b: !!binary aGk=\n")[0] ?? "", /^m\.yaml:1:4 The tag/);
  assert.match(refusal("x: &x {b: 1}\ny:\n  <<: *x\n")[0] ?? "", /^m\.yaml:3:3 Merge keys/);
  assert.match(refusal("%YAML 1.1\n---\na: no\n")[0] ?? "", /%YAML 1\.1 is refused/);
  assert.match(refusal("a:\n\t- b\n")[0] ?? "", /^m\.yaml:2:1 Tabs are not allowed/);
  assert.match(refusal("? [a, b]\n: c\n")[0] ?? "", /all keys must be strings/);
  assert.match(refusal("a: *nowhere\n")[0] ?? "", /^m\.yaml:1:4 /);
});

test("every problem of every document is told at once", () => {
  assert.equal(refusal("a: 1\na: 2\n---\nb: !x 1\n---\nc: [\n").length, 3);
});

test("alias bombs, endless nesting and too many documents are refused, soon", () => {
  const letters = "abcdefghij";
  const bomb = [...letters].map((name, index) => {
    const inside = index === 0 ? "x" : `*${letters[index - 1]}`;
    return `${name}: &${name} [${Array(9).fill(inside).join(",")}]`;
  });
  assert.match(refusal(bomb.join("\n"))[0] ?? "", /aliases/);
  assert.match(refusal(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)[0] ?? "", /nested/);
  assert.match(refusal(`${"[".repeat(200)}${"]".repeat(200)}`)[0] ?? "", /nested/);
  assert.match(refusal("a: 1\n---\n".repeat(1_000))[0] ?? "", /documents; one file may have 100/);
});

test("a key cannot reach the prototype of an object", () => {
  const [value] = read("__proto__: {polluted: true}\n");
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.deepEqual(Object.keys(value as object), ["__proto__"]);
});

test("any JSON is read as itself", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      // The empty key and null documents aside, JSON is YAML.
      const wrapped = { value };
      assert.equal(JSON.stringify(read(JSON.stringify(wrapped, undefined, "\t"))[0]), JSON.stringify(wrapped));
    }),
    { numRuns: 200 },
  );
});

test("locate finds fields, keys with dots, list items, and the nearest field around a missing one", () => {
  const text = "metadata:\n  labels:\n    app.kubernetes.io/name: x\nspec:\n  traffic:\n    - revision: a\n      percent: 101\n";
  const [document] = parseYaml({ text, file: "m.yaml", directory: "/" });
  const at = (path: string) => {
    const { line, column } = document?.locate({ path, message: "", reason: "FieldValueInvalid" }) ?? { line: 0, column: 0 };
    return `${line}:${column}`;
  };
  assert.equal(at("spec.traffic[0].percent"), "7:7");
  assert.equal(at("spec.traffic[0].weight"), "6:7");
  assert.equal(at("spec.traffic[7]"), "5:3");
  assert.equal(at("metadata.labels[app.kubernetes.io/name]"), "3:5");
  assert.equal(at("metadata.name"), "1:1");
  assert.equal(at("spec.source.bundle"), "4:1");
  assert.equal(at(""), "1:1");
});
