import assert from "node:assert/strict";
import { test } from "node:test";
import { renderTable } from "./table.ts";

test("columns are those of all rows, aligned; an absent cell is a dash", () => {
  const rows = [
    { server: "us", c: 1, "req/s": 12_345 },
    { server: "another", c: 64, reason: "no wheel" },
  ];
  assert.equal(
    renderTable(rows),
    ["server   c   req/s  reason", "us       1   12345  –", "another  64  –      no wheel"].join("\n"),
  );
});
