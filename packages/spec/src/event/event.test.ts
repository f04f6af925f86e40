import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../parse/parse.ts";
import { fullResources } from "../test-data/full-resources.ts";

test("parse() refuses an event about an object of another namespace", () => {
  const event = { ...fullResources.Event, involvedObject: { namespace: "other" } };
  assert.deepEqual(parse("Event", event, { source: "api" }), {
    ok: false,
    problems: [
      {
        path: "involvedObject.namespace",
        message: 'expected the event\'s own namespace, "default"; found the text "other"',
        reason: "FieldValueInvalid",
      },
    ],
  });
});

test("parse() refuses a type other than Normal and Warning", () => {
  const parsed = parse("Event", { ...fullResources.Event, type: "Error" }, { source: "api" });
  assert.deepEqual(parsed, {
    ok: false,
    problems: [
      { path: "type", message: 'expected one of "Normal", "Warning", found the text "Error"', reason: "FieldValueNotSupported" },
    ],
  });
});
