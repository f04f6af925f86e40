import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pathProblem } from "./file-path.ts";
import { fitsTarHeader } from "./tar-header.ts";

test("portable names are taken", () => {
  for (const path of ["model.onnx", "samples/1.json", "my labels (1).txt", "a/b/c/d.bin", "x=1,y~2.bin", "x".repeat(100)]) {
    assert.equal(pathProblem(path), undefined, path);
  }
});

test("names that some system cannot hold, or reads differently, are refused", () => {
  const bad = [
    "",
    ".",
    "..",
    "a/../b",
    "/a",
    "a/",
    "a//b",
    "a\0b",
    "a\nb",
    "a\tb",
    "é",
    "日本",
    "a\\b",
    "a:b",
    "a*",
    "q?",
    'a"',
    "<a>",
    "a|b",
  ];
  for (const path of [...bad, " a", "a ", "a.", "con", "NUL.txt", "Com1", "lpt9.json", "x".repeat(101), "x".repeat(100_000)]) {
    assert.notEqual(pathProblem(path), undefined, path.slice(0, 50));
  }
  assert.match(pathProblem(Array.from({ length: 20 }, () => "folder-of-the-model").join("/")) ?? "", /too long a path/);
});

test("what is taken fits into a tar header and never leaves its folder", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (path) => {
      fc.pre(pathProblem(path) === undefined);
      assert.ok(fitsTarHeader(`model/${path}`));
      assert.equal(path.split("/").includes(".."), false);
    }),
  );
});
