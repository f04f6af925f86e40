import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { fitsTarHeader, tarHeader, tarPadding } from "./tar-header.ts";

const name = fc.stringMatching(/^[a-z0-9]{1,90}$/);

test("tar itself reads back path, size, mode and owner", () => {
  const deep = `model/${"d".repeat(99)}/${"e".repeat(40)}/${"f".repeat(100)}`;
  const archive = Buffer.concat([
    ...["model/model.onnx", deep].flatMap((path) => [tarHeader(path, 3), Buffer.from("abc"), Buffer.alloc(tarPadding(3))]),
    Buffer.alloc(1024),
  ]);
  const listing = execFileSync("tar", ["-t", "-v", "--numeric-owner", "-f", "-"], { input: archive, encoding: "utf8" });
  const lines = listing.trim().split("\n");
  assert.equal(lines.length, 2);
  for (const [i, path] of ["model/model.onnx", deep].entries()) {
    assert.match(lines[i]!, /^-rw-r--r-- +(0\/0|0 +0 +0) +3 /);
    assert.ok(lines[i]!.endsWith(path));
  }
});

test("sizes beyond eight gibibytes are written in base 256", () => {
  for (const size of [8 ** 11, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]) {
    const header = tarHeader("model/weights.bin", size);
    assert.equal(header[124], 0x80);
    assert.equal(header.readBigUInt64BE(128), BigInt(size));
  }
  assert.equal(tarHeader("model/weights.bin", 8 ** 11 - 1).toString("latin1", 124, 135), "77777777777");
});

test("a header is a function of path and size, and different ones differ", () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(), (names, a, b) => {
      const path = names.join("/");
      fc.pre(fitsTarHeader(path));
      assert.deepEqual(tarHeader(path, a), tarHeader(path, a));
      assert.equal(tarHeader(path, a).equals(tarHeader(path, b)), a === b);
      const header = tarHeader(path, a);
      const prefix = header.toString("latin1", 345, 500).replace(/\0+$/, "");
      const last = header.toString("latin1", 0, 100).replace(/\0+$/, "");
      assert.equal(prefix === "" ? last : `${prefix}/${last}`, path);
    }),
  );
});
