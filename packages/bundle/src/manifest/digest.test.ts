import assert from "node:assert/strict";
import { test } from "node:test";
import { hexOf, isDigest, parseDigest } from "./digest.ts";

const good = `sha256:${"0a".repeat(32)}`;

test("a digest is sha256 and 64 lower-case hexadecimal digits, and nothing else is", () => {
  assert.equal(parseDigest(good), good);
  assert.equal(hexOf(parseDigest(good)), "0a".repeat(32));
  const bad = [
    "",
    "sha256:",
    "sha256:../../etc/x",
    good.slice(0, -1),
    `${good}0`,
    `${good}\n`,
    good.toUpperCase(),
    good.replace("0a", "0A"),
    good.replace("sha256", "sha1"),
    good.replace("sha256", "md5"),
    good.replace("sha256", "sha512"),
    good.slice("sha256:".length),
    `name@${good}`,
    undefined,
    null,
    7,
    { toString: () => good },
    [good],
  ];
  for (const value of bad) {
    assert.equal(isDigest(value), false);
    assert.throws(() => parseDigest(value), { code: "invalid", message: /64 lower-case/ });
  }
});
