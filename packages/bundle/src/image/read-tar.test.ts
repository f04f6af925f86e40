import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, link, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { type ReadEntry, readTar } from "./read-tar.ts";
import { inOrder, type TarEntry, tarArchive } from "./tar-archive.ts";

async function entriesOf(archive: Uint8Array, pieces = archive.length): Promise<ReadEntry[]> {
  const chunks = (async function* () {
    for (let at = 0; at < archive.length; at += pieces) yield archive.subarray(at, at + pieces);
  })();
  const entries: ReadEntry[] = [];
  for await (const entry of readTar(chunks)) entries.push(entry);
  return entries;
}

const entries: TarEntry[] = [
  { path: "etc/passwd", mode: 0o644, content: Buffer.from("root:x:0:0::/:/bin/sh\n") },
  { path: "tmp/", mode: 0o1777 },
  { path: "etc/", mode: 0o755 },
  { path: `${"d".repeat(90)}/${"f".repeat(90)}`, mode: 0o755, content: Buffer.alloc(1000, 7) },
  { path: "bin/sh", mode: 0o777, link: "/bin/busybox" },
];

test("what is written is read, in any pieces; the order of entries is that of their paths", async () => {
  const archive = tarArchive(inOrder(entries));
  assert.deepEqual(archive, tarArchive(inOrder(entries.toReversed())));
  for (const pieces of [archive.length, 1, 511, 513]) {
    const read = await entriesOf(archive, pieces);
    assert.deepEqual(
      read.map(({ path, type, mode }) => [path, type, mode]),
      [
        ["bin/sh", "symlink", 0o777],
        [`${"d".repeat(90)}/${"f".repeat(90)}`, "file", 0o755],
        ["etc", "directory", 0o755],
        ["etc/passwd", "file", 0o644],
        ["tmp", "directory", 0o1777],
      ],
    );
    assert.equal(read[0]!.link, "/bin/busybox");
    assert.deepEqual(read[1]!.content, Buffer.alloc(1000, 7));
  }
});

test("archives of GNU tar and of POSIX, with names that no header holds; and GNU tar reads ours", async (t) => {
  const folder = await scratch(t);
  const long = `${"a".repeat(120)}/${"b".repeat(150)}/${"ü".repeat(60)}`;
  await writeFiles(folder, { [long]: "content", short: "s" });
  await symlink("x".repeat(150), join(folder, "link"));
  await link(join(folder, "short"), join(folder, "twin"));
  for (const format of ["gnu", "pax", "ustar"]) {
    const names = format === "ustar" ? ["short", "twin"] : [long, "link", "short", "twin"];
    const { stdout } = spawnSync("tar", [`--format=${format}`, "-cf", "-", "-C", folder, ...names], { maxBuffer: 2 ** 24 });
    const read = new Map((await entriesOf(stdout)).map((entry) => [entry.path, entry]));
    assert.deepEqual([...read.keys()], names);
    assert.equal(read.get("twin")!.type, "hardlink");
    assert.equal(read.get("twin")!.link, "short");
    if (format === "ustar") continue;
    assert.equal(read.get(long)!.content.toString(), "content");
    assert.equal(read.get("link")!.link, "x".repeat(150));
  }
  const target = join(folder, "out");
  await mkdir(target);
  const { status, stderr } = spawnSync("tar", ["-xf", "-", "-C", target], { input: tarArchive(inOrder(entries)) });
  assert.equal(status, 0, String(stderr));
  await chmod(join(target, "tmp"), 0o700);
});

test("what is no archive, or leads out of it, is refused", async () => {
  const archive = tarArchive([{ path: "a", mode: 0o644, content: Buffer.alloc(2000) }]);
  await assert.rejects(entriesOf(archive.subarray(0, 1024)), { code: "invalid", message: /ends early/ });
  await assert.rejects(entriesOf(Buffer.alloc(1024, 0x7a)), { code: "invalid" });
  await assert.rejects(entriesOf(tarArchive([{ path: "../x", mode: 0o644, content: Buffer.from("x") }])), {
    code: "invalid",
    message: /leads out/,
  });
  assert.throws(() => tarArchive([{ path: "a".repeat(300), mode: 0, content: Buffer.alloc(0) }]), RangeError);
  assert.deepEqual(await entriesOf(Buffer.alloc(0)), []);
});

test("any bytes are read or refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2048 }), async (bytes) => {
      await entriesOf(Buffer.from(bytes)).catch((caught) => assert.equal(caught.code, "invalid"));
    }),
  );
});
