import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { eventually } from "../../fixtures/platform.ts";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import type { ChildMessage } from "../channel/messages.ts";
import { connectLifeline } from "./connect-lifeline.ts";
import { readTicket, writeTicket } from "./ticket.ts";

const spec = {
  id: "replica/default/a",
  role: "replica",
  argv: ["node"],
  env: { TOKEN: "secret" },
  labels: { model: "m" },
  logPath: "/logs/a.log",
  limits: {},
  input: { path: "/run/a.json", content: "long" },
} as const;

/** A server in the supervisor's place that notes what it hears. */
async function listen(path: string): Promise<{ heard: ChildMessage[]; kill(): Promise<void> }> {
  const heard: ChildMessage[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (data) => {
      for (const line of data.toString().trim().split("\n")) heard.push(JSON.parse(line) as ChildMessage);
    });
  }).listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    heard,
    async kill() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("connectLifeline says hello, reports, and tells the next supervisor the last report", () =>
  withDirectory(async (directory) => {
    const clock = new VirtualClock();
    const path = join(directory, "s.sock");
    const ticket = writeTicket({ supervisor: path, nonce: "n", spec, startedAt: 5, restarts: 2, beatMs: 2_000 });
    const first = await listen(path);
    const lifeline = connectLifeline({ ticket, clock });
    await eventually("hello is heard", () => first.heard.length === 1);
    lifeline.report({ state: "ready", detail: "port 1" });
    await eventually("the report is heard", () => first.heard.length === 2);
    assert.deepEqual(first.heard[1], { type: "report", report: { state: "ready", detail: "port 1" } });
    await first.kill();
    const second = await listen(path);
    await eventually("the second hello is heard", async () => {
      await clock.advance(10);
      return second.heard.length === 1;
    });
    const hello = second.heard[0] as Extract<ChildMessage, { type: "hello" }>;
    assert.equal(hello.pid, process.pid);
    assert.deepEqual(hello.report, { state: "ready", detail: "port 1" });
    assert.deepEqual(hello.ticket, readTicket(ticket));
    lifeline.close();
    await second.kill();
    assert.equal(lifeline.lost.aborted, false);
  }));

test("connectLifeline is lost two seconds after the last supervisor, and not before", () =>
  withDirectory(async (directory) => {
    const clock = new VirtualClock();
    const path = join(directory, "s.sock");
    const server = await listen(path);
    const lifeline = connectLifeline({
      ticket: writeTicket({ supervisor: path, nonce: "n", spec, startedAt: 5, restarts: 0, beatMs: 2_000 }),
      clock,
    });
    await eventually("hello is heard", () => server.heard.length === 1);
    await clock.advance(60_000);
    const killedAt = clock.monotonic();
    await server.kill();
    await eventually("the lifeline is lost", async () => {
      await clock.advance(50);
      return lifeline.lost.aborted;
    });
    assert.ok(clock.monotonic() - killedAt >= 2_000);
  }));

test("a ticket holds neither the environment nor the input of its process", () => {
  const text = writeTicket({ supervisor: "/s", nonce: "n", spec, startedAt: 5, restarts: 0, beatMs: 2_000 });
  assert.doesNotMatch(text, /secret|long/);
  assert.equal(readTicket(text).spec.input?.path, "/run/a.json");
  assert.throws(() => readTicket(""), { code: "usage", hint: /slipway up/ });
});
