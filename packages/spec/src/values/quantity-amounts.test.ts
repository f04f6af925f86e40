import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalQuantity, quantityBytes, quantityCores } from "./quantity-amounts.ts";

test("quantityBytes() counts bytes, rounded up", () => {
  assert.equal(quantityBytes("256Mi"), 268_435_456);
  assert.equal(quantityBytes("1k"), 1000);
  assert.equal(quantityBytes("1500m"), 2);
});

test("quantityCores() counts cores", () => {
  assert.equal(quantityCores("500m"), 0.5);
  assert.equal(quantityCores("2"), 2);
  assert.equal(quantityCores("1e-1"), 0.1);
});

test("canonicalQuantity() keeps the format", () => {
  assert.equal(canonicalQuantity("0.5"), "500m");
  assert.equal(canonicalQuantity("1024Mi"), "1Gi");
});

test("all of them refuse what is no quantity", () => {
  for (const amount of [quantityBytes, quantityCores, canonicalQuantity])
    assert.throws(() => amount("much"), { code: "invalid" });
});
