import assert from "node:assert/strict";
import { test } from "node:test";
import { dnsLabelProblem, dnsSubdomainProblem } from "./dns-name.ts";
import { labelValueProblem, qualifiedNameProblem } from "./label.ts";

/** Text → whether it is a DNS label, a DNS subdomain, a qualified name, a label value; as k8s.io/apimachinery v0.34.4 says. */
const rows: [text: string, label: boolean, subdomain: boolean, qualified: boolean, value: boolean][] = [
  ["", false, false, false, true],
  ["a", true, true, true, true],
  ["1", true, true, true, true],
  ["A", false, false, true, true],
  ["a-b", true, true, true, true],
  ["-a", false, false, false, false],
  ["a-", false, false, false, false],
  ["a.b", false, true, true, true],
  ["a..b", false, false, true, true],
  [".a", false, false, false, false],
  ["a_b", false, false, true, true],
  ["_a", false, false, false, false],
  ["a b", false, false, false, false],
  ["ä", false, false, false, false],
  ["a\n", false, false, false, false],
  ["example.com/x", false, false, true, false],
  ["Example.com/x", false, false, false, false],
  ["/a", false, false, false, false],
  ["a/", false, false, false, false],
  ["a/b/c", false, false, false, false],
  ["x".repeat(63), true, true, true, true],
  ["x".repeat(64), false, true, false, false],
  ["x".repeat(253), false, true, false, false],
  ["x".repeat(254), false, false, false, false],
  [`${"y".repeat(253)}/z`, false, false, true, false],
];

for (const [text, ...expected] of rows) {
  test(`names: ${JSON.stringify(text.slice(0, 20))} of ${text.length} characters`, () => {
    const checks = [dnsLabelProblem, dnsSubdomainProblem, qualifiedNameProblem, labelValueProblem];
    assert.deepEqual(
      checks.map((check) => check(text) === undefined),
      expected,
    );
  });
}

test("dnsLabelProblem() takes a shorter limit", () => {
  assert.equal(dnsLabelProblem("x".repeat(52), 52), undefined);
  assert.equal(dnsLabelProblem("x".repeat(53), 52), "expected at most 52 characters, found 53");
});
