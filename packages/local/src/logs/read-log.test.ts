import assert from "node:assert/strict";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import fc from "fast-check";
import { eventually } from "../../fixtures/platform.ts";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import { LineSplitter } from "./line-splitter.ts";
import { readLog } from "./read-log.ts";
import { rotateLog } from "./rotate-log.ts";

const never = new AbortController().signal;
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index} äöü`);
const asText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
const read = (path: string, tail?: number) =>
  Array.fromAsync(readLog({ path, clock: systemClock, signal: never, ...(tail === undefined ? {} : { tail }) }));

/** Follows a log until `stop` is called, at the latest at the end of the test. */
function follow(t: TestContext, path: string): { seen: string[]; stop(): Promise<void> } {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const seen: string[] = [];
  const following = (async () => {
    for await (const line of readLog({ path, follow: true, clock: systemClock, signal: stop.signal })) seen.push(line);
  })();
  return {
    seen,
    async stop() {
      stop.abort();
      await following;
    },
  };
}

test("readLog gives all lines of the log and its rotated files, oldest first", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "a.log");
    await writeFile(path, asText(numbered(0, 3)));
    assert.ok(await rotateLog(path, 1));
    await writeFile(path, `${asText(numbered(3, 5))}no end`);
    assert.deepEqual(await read(path), [...numbered(0, 5), "no end"]);
  }));

test("readLog gives the last lines, over the borders of chunks and rotated files", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "a.log");
    const lines = numbered(0, 20_000);
    await writeFile(path, asText(lines.slice(0, 12_000)));
    await rotateLog(path, 1);
    await writeFile(path, asText(lines.slice(12_000)));
    for (const tail of [0, 1, 7_999, 8_000, 8_001, 19_999, 20_000, 30_000]) {
      assert.deepEqual(await read(path, tail), tail === 0 ? [] : lines.slice(-tail), `tail ${tail}`);
    }
  }));

test("readLog of a log that is not there gives nothing", async () => {
  assert.deepEqual(await read(join(import.meta.dirname, "no.log")), []);
});

test("readLog follows a log from before it exists through two rotations, and ends with its signal", (t) =>
  withDirectory(async (directory) => {
    const path = join(directory, "a.log");
    const { seen, stop } = follow(t, path);
    await appendFile(path, asText(numbered(0, 10)));
    await eventually("the first lines are read", () => seen.length === 10);
    // Written and rotated between two looks: the rest is in the copy.
    await appendFile(path, `${asText(numbered(10, 20))}line 20 `);
    await rotateLog(path, 1);
    await appendFile(path, asText(["äöü", ...numbered(21, 30)]));
    await eventually("the lines around the rotation are read", () => seen.length === 30);
    await rotateLog(path, 1);
    await appendFile(path, asText(numbered(30, 31)));
    await eventually("the lines after the second rotation are read", () => seen.length === 31);
    await stop();
    assert.deepEqual(seen, numbered(0, 31));
  }));

test("readLog begins again when a log was emptied without a copy", (t) =>
  withDirectory(async (directory) => {
    const path = join(directory, "a.log");
    await writeFile(path, asText(numbered(0, 10)));
    const { seen, stop } = follow(t, path);
    await eventually("what is there is read", () => seen.length === 10);
    await appendFile(path, "more\n");
    await eventually("the line is read", () => seen.length === 11);
    await writeFile(path, "new\n");
    await eventually("the new log is read", () => seen.length === 12);
    await stop();
    assert.deepEqual(seen, [...numbered(0, 10), "more", "new"]);
  }));

test("rotateLog keeps three files and leaves a small log alone", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "a.log");
    for (const text of ["1", "2", "3", "4", "5"]) {
      await writeFile(path, text);
      await rotateLog(path, 0);
    }
    const contents = [];
    for (const suffix of ["", ".1", ".2", ".3"]) contents.push(await readFile(path + suffix, "utf8"));
    assert.deepEqual(contents, ["", "5", "4", "3"]);
    await assert.rejects(readFile(`${path}.4`), { code: "ENOENT" });
    assert.equal(await rotateLog(path, 10), false);
    await rm(path);
    assert.equal(await rotateLog(path, 10), false);
  }));

test("LineSplitter gives the same lines however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.nat(200)), (texts, cuts) => {
      const lines = texts.map((text) => text.replaceAll("\n", " "));
      const bytes = Buffer.from(asText(lines));
      const splitter = new LineSplitter();
      const borders = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const pieces = borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
      assert.deepEqual(
        pieces.flatMap((piece) => [...splitter.push(piece)]),
        lines,
      );
    }),
  );
});
