import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { transfer } from "./transfer.ts";

async function drawn(sink: { isTTY: boolean; columns?: number }, env = {}): Promise<string> {
  const written: string[] = [];
  const clock = new VirtualClock(0);
  const stderr = { isTTY: sink.isTTY, columns: sink.columns, write: (text: string) => void written.push(text) };
  const { progress, say } = transfer({ signal: new AbortController().signal, stderr, env, clock }, "pushing");
  for (const bytes of [0, 1e6, 2.5e8, 4.99e8]) {
    progress?.({ bytes, of: 5e8 });
    await clock.advance(bytes === 0 ? 50 : 200);
  }
  say("done\n");
  return written.join("");
}

test("a terminal gets a bar that is taken away before the last line", async () => {
  const lines = (await drawn({ isTTY: true, columns: 80 })).split("\r\u001b[K");
  assert.deepEqual(lines, [
    "",
    `pushing [${"-".repeat(30)}]   0 % 0.0 of 500 MB`,
    `pushing [${"#".repeat(15)}${"-".repeat(15)}]  50 % 250 of 500 MB`,
    `pushing [${"#".repeat(30)}]  99 % 499 of 500 MB`,
    "done\n",
  ]);
});

test("no line is as long as the terminal is wide", async () => {
  for (let columns = 1; columns < 90; columns++)
    for (const line of (await drawn({ isTTY: true, columns })).split("\r\u001b[K").slice(0, -1))
      assert.ok(line.length < Math.max(columns, 1), `${columns}: ${line}`);
});

test("no bar where there is no terminal, or one that cannot take it back", async () => {
  assert.equal(await drawn({ isTTY: false }), "done\n");
  assert.equal(await drawn({ isTTY: true }, { TERM: "dumb" }), "done\n");
});
