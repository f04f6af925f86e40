import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseQuantity } from "./quantity.ts";

/** Text → canonical text and format, as k8s.io/apimachinery v0.34.4 gives them (`CanonicalizeBytes`). */
const accepted: [text: string, canonical: string, format: string][] = [
  ["0", "0", "DecimalSI"],
  ["00", "0", "DecimalSI"],
  ["0Ki", "0", "BinarySI"],
  ["0e5", "0", "DecimalExponent"],
  ["-0", "0", "DecimalSI"],
  ["1", "1", "DecimalSI"],
  ["+5", "5", "DecimalSI"],
  ["05", "5", "DecimalSI"],
  ["1.", "1", "DecimalSI"],
  [".5", "500m", "DecimalSI"],
  ["-.5", "-500m", "DecimalSI"],
  ["0.5", "500m", "DecimalSI"],
  ["1.5", "1500m", "DecimalSI"],
  ["1.500", "1500m", "DecimalSI"],
  ["1.123", "1123m", "DecimalSI"],
  ["1.2345", "1234500u", "DecimalSI"],
  ["500m", "500m", "DecimalSI"],
  ["1000m", "1", "DecimalSI"],
  ["100000m", "100", "DecimalSI"],
  ["1n", "1n", "DecimalSI"],
  ["0.9n", "1n", "DecimalSI"],
  ["-0.9n", "-1n", "DecimalSI"],
  ["1.5n", "2n", "DecimalSI"],
  ["1u", "1u", "DecimalSI"],
  ["0.0000000001", "1n", "DecimalSI"],
  ["1000k", "1M", "DecimalSI"],
  ["8E", "8E", "DecimalSI"],
  ["100E", "100E", "DecimalSI"],
  ["9223372036854775808", "9223372036854775808", "DecimalSI"],
  ["18446744073709551616", "18446744073709551616", "DecimalSI"],
  ["1e3", "1e3", "DecimalExponent"],
  ["1E3", "1e3", "DecimalExponent"],
  ["1e+3", "1e3", "DecimalExponent"],
  ["1e-3", "1e-3", "DecimalExponent"],
  ["1e-10", "1e-9", "DecimalExponent"],
  ["12e4", "120e3", "DecimalExponent"],
  ["1e0", "1", "DecimalExponent"],
  ["1e21", "1e21", "DecimalExponent"],
  ["256Mi", "256Mi", "BinarySI"],
  ["256M", "256M", "DecimalSI"],
  ["1024Mi", "1Gi", "BinarySI"],
  ["1000Mi", "1000Mi", "BinarySI"],
  ["1.5Gi", "1536Mi", "BinarySI"],
  ["0.5Gi", "512Mi", "BinarySI"],
  ["1.0000000001Gi", "1073741824107374183n", "BinarySI"],
  ["0.1Ki", "102400m", "BinarySI"],
  ["0.0001Ki", "102400u", "DecimalSI"],
  ["1025Ki", "1025Ki", "BinarySI"],
  ["7Ei", "7Ei", "BinarySI"],
  ["8Ei", "9223372036854775807", "BinarySI"],
  ["-8Ei", "-9223372036854775807", "BinarySI"],
];

for (const [text, canonical, format] of accepted) {
  test(`parseQuantity() reads ${text} as ${canonical}`, () => {
    const quantity = parseQuantity(text);
    assert.deepEqual([quantity?.canonical, quantity?.format], [canonical, format]);
  });
}

const refused = [
  "",
  " 1",
  "1 ",
  "256 Mi",
  "1e9Gi",
  "1e3k",
  "1e1.5",
  "1e",
  "1e+",
  "256MB",
  "256mi",
  "256MI",
  "1K",
  "1kk",
  "1i",
  "1Kii",
  "1n1",
];
refused.push("1ei", "--1", "+-1", "1-", "1+3", "1.2.3", "1,5", "1_000", "0x10", "NaN", "Infinity", "١", "half");
// Kubernetes' scanner takes these for zero; its CRD pattern does not, and neither do we.
refused.push("+", "-", ".", "+.", "Gi", ".e3");
// Too long, or an exponent that only costs time.
refused.push("9".repeat(300), "1e1000000000");

for (const text of refused) {
  test(`parseQuantity() refuses ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(parseQuantity(text), undefined));
}

test("parseQuantity() writes what has no suffix with an exponent", () => assert.equal(parseQuantity("1000E")?.canonical, "1e21"));

test("parseQuantity() rounds milli away from zero", () => {
  assert.equal(parseQuantity("1n")?.milli, 1n);
  assert.equal(parseQuantity("-1n")?.milli, -1n);
  assert.equal(parseQuantity("1500m")?.milli, 1500n);
});

const suffix = fc.constantFrom(
  "",
  "n",
  "u",
  "m",
  "k",
  "M",
  "G",
  "T",
  "P",
  "E",
  "Ki",
  "Mi",
  "Gi",
  "Ti",
  "Pi",
  "Ei",
  "e3",
  "E-2",
  "e+5",
);
const quantityText = fc
  .tuple(fc.constantFrom("", "-", "+"), fc.nat(), fc.option(fc.nat()), suffix)
  .map(([sign, whole, fraction, unit]) => `${sign}${whole}${fraction === null ? "" : `.${fraction}`}${unit}`);

test("parseQuantity(): the canonical text is the same amount, and its own canonical text", () => {
  fc.assert(
    fc.property(quantityText, (text) => {
      const quantity = parseQuantity(text);
      assert.ok(quantity !== undefined);
      const again = parseQuantity(quantity.canonical);
      assert.equal(again?.nano, quantity.nano);
      assert.equal(again?.canonical, quantity.canonical);
      assert.doesNotMatch(quantity.canonical, /\./);
    }),
  );
});
