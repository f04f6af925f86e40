import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { cidr, cidrContains } from "./cidr.ts";

const rows: [outer: string, inner: string, contains: boolean][] = [
  ["0.0.0.0/0", "169.254.169.254/32", true],
  ["169.254.0.0/16", "169.254.169.254/32", true],
  ["169.254.169.254/32", "169.254.169.254/32", true],
  ["169.254.169.255/32", "169.254.169.254/32", false],
  ["169.254.169.254/32", "169.254.0.0/16", false],
  ["10.0.0.0/8", "169.254.169.254/32", false],
  ["::/0", "fd00:ec2::254/128", true],
  ["FD00:0EC2::/32", "fd00:ec2::254/128", true],
  ["fd00:ec2:0:0:0:0:0:254/128", "fd00:ec2::254/128", true],
  ["fd00:ec3::/32", "fd00:ec2::254/128", false],
  ["::/0", "169.254.169.254/32", false],
  ["nonsense", "169.254.169.254/32", false],
];

for (const [outer, inner, contains] of rows) {
  test(`cidrContains(): ${inner} is ${contains ? "" : "not "}in ${outer}`, () =>
    assert.equal(cidrContains(outer, inner), contains));
}

test("cidrContains(): every network contains what begins as it does, and is contained by what is wider", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 32 }), (address, one, other) => {
      const [wide, narrow] = [Math.min(one, other), Math.max(one, other)];
      assert.equal(cidrContains(`${address}/${wide}`, `${address}/${narrow}`), true);
      assert.equal(cidrContains(`${address}/${narrow}`, `${address}/${wide}`), wide === narrow);
    }),
  );
});

test("cidr() takes any text, says whether it is a network, and never throws", () => {
  const part = fc.constantFrom(
    "::",
    ":",
    ".",
    "/",
    "0",
    "10",
    "ffff",
    "fd00",
    "256",
    "169.254.169.254",
    "32",
    "128",
    "129",
    " ",
    "%eth0",
    "x",
  );
  const text = fc.array(part, { maxLength: 10 }).map((parts) => parts.join(""));
  const schema = z.strictObject({ cidr: cidr() });
  fc.assert(
    fc.property(text, (value) => {
      if (schema.safeParse({ cidr: value }).success) assert.equal(cidrContains(value, value), true);
    }),
    { numRuns: 2000 },
  );
});
