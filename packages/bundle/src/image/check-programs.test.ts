import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Architecture } from "./architecture.ts";
import { checkPrograms } from "./check-programs.ts";
import { readElf } from "./elf.ts";
import { FileTree } from "./file-tree.ts";

const require = createRequire(import.meta.url);
/** ONNX Runtime's package has the libraries of every platform, so each architecture's can be read on any machine. */
const onnxruntime = join(dirname(require.resolve("onnxruntime-node")), "..", "bin", "napi-v6", "linux");
const library = (node: string, name: string) => readFileSync(join(onnxruntime, node, name));

function treeOf(files: Readonly<Record<string, Buffer | string>>): FileTree {
  const tree = new FileTree();
  for (const [path, content] of Object.entries(files))
    tree.add(typeof content === "string" ? { path, link: content } : { path, content });
  return tree;
}

test("ELF files of both architectures say what they need", () => {
  for (const [node, machine] of [
    ["x64", 62],
    ["arm64", 183],
  ] as const) {
    const binding = readElf(library(node, "onnxruntime_binding.node"))!;
    assert.equal(binding.machine, machine);
    assert.ok(binding.needed.includes("libonnxruntime.so.1"));
    assert.ok(binding.needed.includes("libc.so.6"));
    assert.ok(binding.searchPath.some((path) => path.startsWith("$ORIGIN")));
    assert.ok(binding.versionsNeeded.get("libc.so.6")!.some((version) => version.startsWith("GLIBC_2.")));
    assert.ok(readElf(library(node, "libonnxruntime.so.1"))!.versions.size > 0);
  }
});

test("this Node.js, as readelf would tell", {
  skip: process.platform !== "linux" && "reads the Linux program that runs it",
}, () => {
  const elf = readElf(readFileSync(process.execPath))!;
  assert.match(elf.interpreter!, /^\/lib(64)?\/ld-linux/);
  assert.ok(elf.needed.includes("libstdc++.so.6"));
});

test("a library that is missing, for another architecture, or too old is named", () => {
  const binding = library("x64", "onnxruntime_binding.node");
  const runtime = library("x64", "libonnxruntime.so.1");
  const check = (files: Readonly<Record<string, Buffer | string>>, architecture: Architecture = "amd64") =>
    checkPrograms(treeOf(files), architecture);

  const alone = check({ "m/onnxruntime_binding.node": binding });
  assert.equal(alone.checked, 1);
  assert.ok(
    alone.problems.some((problem) => /\/m\/onnxruntime_binding\.node needs libonnxruntime\.so\.1, which is not/.test(problem)),
  );
  const beside = check({ "m/onnxruntime_binding.node": binding, "m/libonnxruntime.so.1": runtime });
  assert.ok(!beside.problems.some((problem) => problem.includes("needs libonnxruntime")));
  // Through a link to a folder and a link to a file.
  const linked = check({
    "m/onnxruntime_binding.node": binding,
    lib: "usr/lib",
    "usr/lib/libonnxruntime.so.1": "../real",
    "usr/real": runtime,
  });
  assert.ok(!linked.problems.some((problem) => problem.includes("needs libonnxruntime")));
  const foreign = check({
    "m/onnxruntime_binding.node": binding,
    "m/libonnxruntime.so.1": library("arm64", "libonnxruntime.so.1"),
  });
  assert.ok(foreign.problems.some((problem) => /another architecture \(machine 183, not 62\)/.test(problem)));
  assert.ok(foreign.problems.some((problem) => problem.includes("needs libonnxruntime.so.1")));
  assert.ok(check({ x: binding }, "arm64").problems.some((problem) => problem.includes("another architecture")));
  // Something of the right name that has not the versions.
  const old = check({ "m/onnxruntime_binding.node": binding, "lib/libc.so.6": runtime });
  assert.ok(old.problems.some((problem) => /needs GLIBC_2.*of libc\.so\.6/.test(problem)));
  assert.deepEqual(check({ "etc/passwd": Buffer.from("root") }), { checked: 0, problems: [] });
  assert.match(check({ x: binding.subarray(0, 5000) }).problems[0]!, /damaged/);
});

test("layers cover each other, and what is deleted is gone", () => {
  const binding = library("x64", "onnxruntime_binding.node");
  const tree = treeOf({ "a/b/x": binding, "a/c": binding, "d/e": binding, f: binding });
  for (const path of ["a/.wh.c", "d/.wh..wh..opq"]) tree.add({ path, content: Buffer.alloc(0) });
  tree.add({ path: "f", content: Buffer.from("text") });
  tree.share("twin", "a/b/x");
  assert.deepEqual(
    tree
      .elfFiles()
      .map(({ path }) => path)
      .sort(),
    ["a/b/x", "twin"],
  );
  assert.equal(treeOf({ a: "b", b: "a" }).find("/a/x"), undefined);
  assert.equal(treeOf({ a: "../../b", b: binding }).find("/a")?.path, "b");
});

test("bytes that begin as an ELF file are read or called damaged", () => {
  const head = library("x64", "onnxruntime_binding.node").subarray(0, 64);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(63), (bytes, at) => {
      const content = Buffer.concat([head, bytes]);
      content[Math.max(at, 6)]! ^= 0xff;
      assert.ok(treeOf({ x: content }).elfFiles().length <= 1);
    }),
  );
  assert.ok(existsSync(onnxruntime));
});
