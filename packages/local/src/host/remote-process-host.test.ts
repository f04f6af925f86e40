import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { eventually, TestPlatform } from "../../fixtures/platform.ts";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import { RemoteProcessHost } from "./remote-process-host.ts";

const never = new AbortController().signal;

test("RemoteProcessHost gives up on a supervisor that does not answer, and obeys its signal", () =>
  withDirectory(async (directory) => {
    const socketPath = join(directory, "s.sock");
    const accepted = Promise.withResolvers<void>();
    const silent = createServer((socket) => {
      socket.on("data", () => accepted.resolve());
    }).listen(socketPath);
    await once(silent, "listening");
    const clock = new VirtualClock();
    const host = new RemoteProcessHost({ socketPath, clock });
    const call = assert.rejects(host.list({}, never), { code: "unavailable", message: /did not answer in time/ });
    await accepted.promise;
    await clock.advance(10_000);
    await call;
    const stop = new AbortController();
    const aborted = assert.rejects(host.list({}, stop.signal), { name: "AbortError" });
    stop.abort();
    await aborted;
    host.close();
    await new Promise((resolve) => silent.close(resolve));
  }));

test("RemoteProcessHost watches the next supervisor too, from the whole table on", async () => {
  const platform = await TestPlatform.create();
  const stop = new AbortController();
  try {
    const first = await platform.spawnSupervisor();
    const spec = platform.spec("a", "good");
    await platform.start(spec);
    await platform.becomes(spec.id, "ready");
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { id } of platform.host.changes(stop.signal)) seen.push(id);
    })();
    await eventually("the process is seen", () => seen.includes(spec.id));
    seen.length = 0;
    process.kill(first, "SIGKILL");
    await platform.startSupervisor();
    await eventually("the process is seen again", () => seen.includes(spec.id));
    stop.abort();
    await watching;
  } finally {
    stop.abort();
    await platform.close();
  }
});

test("the supervisor drops a connection that sends nonsense and goes on", async () => {
  const platform = await TestPlatform.create();
  try {
    await platform.startSupervisor();
    for (const nonsense of [
      "hello\n",
      "null\n",
      "[1]\n\n",
      '{"type":"hello"}\n',
      '{"type":"call","id":1}\n{"type":"hello","ticket":5}\n',
    ]) {
      const socket = connect(platform.home.supervisorSocket);
      socket.resume();
      socket.write(nonsense);
      await once(socket, "close");
    }
    assert.deepEqual(await platform.host.list({}, never), []);
  } finally {
    await platform.close();
  }
});

test("RemoteProcessHost connects when a supervisor comes up after it", async () => {
  const platform = await TestPlatform.create();
  try {
    await assert.rejects(platform.host.list({}, never), { code: "unavailable" });
    await platform.startSupervisor();
    assert.deepEqual(await platform.host.list({}, never), []);
  } finally {
    await platform.close();
  }
});
