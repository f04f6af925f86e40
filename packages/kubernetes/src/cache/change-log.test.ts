import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { ChangeLog } from "./change-log.ts";

const change = (version: number) => ({ version: String(version) });

test("a follower from a version on sees what comes after it, old and new", async () => {
  const log = new ChangeLog<{ version: string }>();
  log.begin("5");
  for (const version of [6, 7, 7, 9]) log.append(change(version));
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { version } of log.follow("6", stop.signal)) {
    seen.push(version);
    if (version === "9") log.append(change(12));
    if (version === "12") stop.abort();
  }
  assert.deepEqual(seen, ["7", "7", "9", "12"]);
});

test("who asks for what is not kept, or falls behind it, is told so", async () => {
  const log = new ChangeLog<{ version: string }>(2);
  log.begin("5");
  log.append(change(6));
  const { signal } = new AbortController();
  const slow = log.follow("5", signal);
  assert.equal((await slow.next()).value?.version, "6");
  const code = async (work: Promise<unknown>) => SlipwayError.from(await work.catch((error: unknown) => error)).code;
  assert.equal(await code(log.follow("4", signal).next()), "expired");
  for (const version of [7, 8, 9, 10, 11]) log.append(change(version));
  assert.equal(await code(slow.next()), "expired");
});
