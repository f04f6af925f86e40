import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { type JsonSchema, jsonObjectGrammar, jsonSchemaGrammar } from "./json-schema-grammar.ts";

/** Rules of a grammar by their names. */
function rulesOf(schema: JsonSchema): Map<string, string> {
  const lines = jsonSchemaGrammar(schema, "schema").trimEnd().split("\n");
  return new Map(lines.map((line) => line.split(/ ::= (.*)/s, 2) as [string, string]));
}

/** Whether a text is one of a grammar's, by a small matcher of what these grammars are made of. */
function accepts(schema: JsonSchema, text: string): boolean {
  const rules = rulesOf(schema);
  const pattern = (name: string, depth: number): string => {
    if (depth > 12) return "(?!)";
    const body = rules.get(name)!;
    const parts = body.match(/"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[a-z]\w*|[()|?*+]/g) ?? [];
    const made = parts.map((part) => {
      if (part.startsWith('"')) return RegExp.escape(JSON.parse(part));
      if (part.startsWith("[")) return part;
      return /^[a-z]/.test(part) ? `(?:${pattern(part, depth + 1)})` : part === "(" ? "(?:" : part;
    });
    return `(?:${made.join("")})`;
  };
  return new RegExp(`^${pattern("root", 0)}$`, "u").test(text);
}

const check = (schema: JsonSchema, good: readonly unknown[], bad: readonly (string | object)[]) => {
  for (const value of good) assert.ok(accepts(schema, JSON.stringify(value)), `${JSON.stringify(value)} should fit`);
  for (const value of bad) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    assert.ok(!accepts(schema, text), `${text} should not fit`);
  }
};

describe("the grammar of a schema", () => {
  test("holds to each type", () => {
    check({ type: "integer" }, [0, -7, 123], ["01", "1.5", "true", '"1"']);
    check({ type: "number" }, [0, -1.5, 1e21], [".5", "1.", "NaN"]);
    check({ type: "boolean" }, [true, false], ["null", "TRUE"]);
    check({ type: ["null", "boolean"] }, [null, true], ["1"]);
    check({ type: "string" }, ["", 'é\n"x"\\', "\u0001"], ["a", '"\n"', '"\\x"', '"\\ud800"']);
    check({ type: "string", minLength: 2, maxLength: 3 }, ["ab", "💡é!"], ['"a"', '"abcd"']);
  });

  test("holds to formats", () => {
    check({ type: "string", format: "date" }, ["2026-02-28"], ['"2026-13-01"', '"26-01-01"']);
    check({ type: "string", format: "date-time" }, ["2026-02-28T23:59:59Z", "2026-02-28T00:00:00.5+02:00"], ['"2026-02-28"']);
    check({ type: "string", format: "uuid" }, ["123e4567-e89b-12d3-a456-426614174000"], ['"123"']);
  });

  test("has needed properties always, others or not, and in their order", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "integer" }, c: { type: "integer" } },
      required: ["b"],
    };
    check(
      schema,
      [{ b: 1 }, { a: 1, b: 2 }, { b: 2, c: 3 }, { a: 1, b: 2, c: 3 }],
      [{}, { a: 1 }, { c: 1, b: 1 }, { b: 1, d: 1 }, '{"b":1,}'],
    );
    check(
      { type: "object", properties: { a: { const: 1 }, b: { const: 2 } } },
      [{}, { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
      ['{,"b":2}'],
    );
    check({ type: "object", additionalProperties: { type: "integer" } }, [{}, { x: 1, y: 2 }], [{ x: "a" }]);
    check({ type: "object", properties: {} }, [{}], [{ x: 1 }]);
  });

  test("counts items", () => {
    const items = { type: "integer" };
    check({ type: "array", items, minItems: 1, maxItems: 3 }, [[1], [1, 2, 3]], [[], [1, 2, 3, 4]]);
    check({ type: "array", items, maxItems: 0 }, [[]], [[1]]);
    check({ type: "array", items }, [[], [1, 2, 3, 4, 5]], [["a"]]);
  });

  test("has literals, choices and references, also to itself", () => {
    check({ enum: ['a"b', 2, null, { x: [1] }] }, ['a"b', 2, null, { x: [1] }], ["3", '"a"']);
    check({ anyOf: [{ type: "integer" }, { type: "null" }] }, [1, null], ["true"]);
    check({ type: "integer", enum: [1, "a"] }, [1], ['"a"']);
    const list = {
      $defs: {
        node: {
          type: "object",
          properties: { next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
          required: ["next"],
        },
      },
      $ref: "#/$defs/node",
    };
    check(list, [{ next: null }, { next: { next: null } }], [{}, { next: {} }]);
  });

  test("is any object when nothing else is asked", () => assert.match(jsonObjectGrammar(), /^root ::= object\n/));

  const refusals: [JsonSchema, string][] = [
    [{ type: "integer", minimum: 1 }, "schema.minimum"],
    [{ type: "string", pattern: "a" }, "schema.pattern"],
    [{ type: "string", format: "email" }, "schema.format"],
    [{ oneOf: [{ type: "string" }] }, "schema.oneOf"],
    [{ type: "array", uniqueItems: true }, "schema.uniqueItems"],
    [{ type: "object", properties: { a: { not: {} } } }, "schema.properties.a.not"],
    [{ type: "object", properties: {}, required: ["a"] }, "schema.required"],
    [{ $ref: "http://example.org/schema" }, "schema.$ref"],
    [{ $ref: "#/$defs/__proto__" }, "schema.$ref"],
    [{ type: "thing" }, "schema.type"],
    [{ type: "string", maxLength: 1_000_000 }, "schema.maxLength"],
    [{ type: "string", minLength: 5, maxLength: 2 }, "schema.maxLength"],
    [{ enum: [] }, "schema.enum"],
    [{ type: "string", const: 3 }, "schema"],
    [false, "schema"],
    [{ type: "object", patternProperties: {} }, "schema.patternProperties"],
  ];
  for (const [schema, path] of refusals) {
    test(`refuses ${JSON.stringify(schema)}`, () => {
      assert.throws(
        () => jsonSchemaGrammar(schema, "schema"),
        (error) => {
          assert.ok(error instanceof SlipwayError && error.code === "badRequest");
          assert.equal(error.problems[0]?.path, path);
          return true;
        },
      );
    });
  }

  test("refuses what is too deep or too large", () => {
    let deep: JsonSchema = { type: "integer" };
    for (let depth = 0; depth < 100; depth += 1) deep = { type: "array", items: deep };
    assert.throws(() => jsonSchemaGrammar(deep, "schema"), /too deep/);
    const properties = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`p${index}`, { type: "integer" }]));
    assert.throws(() => jsonSchemaGrammar({ type: "object", properties }, "schema"), /too large/);
  });
});
