import assert from "node:assert/strict";
import { test } from "node:test";
import { allowsMinor, leastMinor } from "./python-requirement.ts";

test("a specifier allows the minor versions of which it allows some release", () => {
  const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["", ["3.8", "3.14"], []],
    [">=3.9", ["3.9", "3.12"], ["3.8", "2.7"]],
    [">=3.9,<3.12", ["3.9", "3.11"], ["3.12", "3.8"]],
    ["==3.11.*", ["3.11"], ["3.10", "3.12"]],
    ["==3.11.7", ["3.11"], ["3.12"]],
    ["=3.11.7", ["3.11"], ["3.12"]],
    ["~=3.10", ["3.10", "3.13"], ["3.9"]],
    ["~=3.10.2", ["3.10"], ["3.11"]],
    [">3.9", ["3.10"], ["3.9"]],
    ["<3.12.4", ["3.12", "3.11"], ["3.13"]],
    ["<=3.11", ["3.11"], ["3.12"]],
    ["!=3.10, >=3.9", ["3.9", "3.11"], ["3.10"]],
    [">=3", ["3.9"], ["2.7"]],
  ];
  for (const [specifier, allowed, refused] of rows) {
    for (const minor of allowed) assert.equal(allowsMinor(specifier, minor), true, `${specifier} ${minor}`);
    for (const minor of refused) assert.equal(allowsMinor(specifier, minor), false, `${specifier} ${minor}`);
  }
});

test("the version that a specifier names", () => {
  assert.equal(leastMinor("==3.12.*"), "3.12");
  assert.equal(leastMinor(">=3.10,<3.12"), "3.10");
  assert.equal(leastMinor("<3.12"), undefined);
});
