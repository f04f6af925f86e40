import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { table } from "./table.ts";

test("table aligns columns and leaves no space at line ends", () => {
  assert.equal(
    table(
      ["NAME", "READY"],
      [
        ["digits", "1"],
        ["a", ""],
      ],
    ),
    "NAME     READY\ndigits   1\na\n",
  );
});

test("a cell can neither break a line nor move the cursor of a terminal", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string())), (rows) => {
      const text = table(["A", "B"], rows);
      assert.equal(text.split("\n").length, rows.length + 2);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is tested
      assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }),
    { numRuns: 100 },
  );
});
