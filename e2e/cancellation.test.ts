// A client that leaves: its place is free at once, and work of its that has not begun is not run.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock } from "@slipway/base";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { RawConnection } from "./harness/raw-connection.ts";
import { fixtureModel, ServedModel } from "./harness/served-model.ts";

let served: ServedModel;
before(async () => {
  served = await ServedModel.start(fixtureModel("slow"));
});
after(() => served.stop());

/** A request that takes as long as so many multiplications of matrices. */
function request(rounds: number): string {
  return JSON.stringify({ inputs: [{ name: "rounds", datatype: "INT64", shape: [1], data: [rounds] }] });
}

async function milliseconds(rounds: number): Promise<number> {
  const started = systemClock.monotonic();
  const response = await served.infer(request(rounds));
  assert.equal(response.status, 200, await response.text());
  return systemClock.monotonic() - started;
}

/** Runs of the model, and requests whose clients had left. */
async function metrics(): Promise<{ runs: number; cancelled: number }> {
  const text = await (await fetch(`${served.url}/metrics`)).text();
  const value = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  return {
    runs: value(/^nv_inference_exec_count\{[^}]*\} (\d+)/m),
    cancelled: value(/^inference_requests_total\{[^}]*code="499"[^}]*\} (\d+)/m),
  };
}

/** A connection on which a request waits. */
async function waiting(rounds: number): Promise<RawConnection> {
  const connection = await RawConnection.open(served.port);
  const body = request(rounds);
  connection.socket.write(
    `POST /v2/models/${served.model}/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return connection;
}

test("requests whose clients have left are not run, and the next one does not wait for them", async (t) => {
  await milliseconds(2_000);
  const calibration = await milliseconds(2_000);
  // About half a second of work, whatever the machine.
  const rounds = Math.max(1, Math.round((2_000 * 500) / calibration));
  const alone = await milliseconds(rounds);
  const left = amount(20, 100);

  const before = await metrics();
  const running = await waiting(rounds);
  const leaving = await Promise.all(Array.from({ length: left }, () => waiting(rounds)));
  const inflight = served.usage();
  for (const connection of leaving) connection.socket.destroy();
  const took = await milliseconds(1);
  t.diagnostic(
    `one request takes ${Math.round(alone)} ms; with ${left} waiting that left, the next was answered after ${Math.round(took)} ms`,
  );
  // It waits for the one that runs, not for those that left: they would have taken as many times as long.
  assert.ok(took < alone * 4 + 1_000, `the next request took ${Math.round(took)} ms, as if those that left had run`);
  await eventually("the request that ran is answered", 20, async () => running.answers().length === 1);
  assert.equal(running.answers()[0]!.status, 200);
  running.socket.destroy();
  // Counted: one run for the one that stayed, one for the next; those that left are answers of 499 that nobody got.
  const after = await metrics();
  assert.ok(after.runs - before.runs <= 3, `${after.runs - before.runs} runs`);
  assert.equal(after.cancelled - before.cancelled, left, "those that left are counted");
  await eventually("open files are back", 10, async () => served.usage().files < inflight.files);
});

test("clients that come and leave a thousand times leave nothing behind", async () => {
  await milliseconds(1);
  const before = served.usage();
  for (let round = 0; round < amount(10, 100); round++) {
    const connections = await Promise.all(Array.from({ length: 100 }, () => waiting(1)));
    for (const connection of connections) connection.socket.destroy();
  }
  assert.ok((await milliseconds(1)) < 2_000);
  await eventually("open files and threads are back", 10, async () => {
    const { files, threads } = served.usage();
    return files <= before.files + 5 && threads <= before.threads + 2;
  });
  const { memory } = served.usage();
  assert.ok(memory < before.memory + 200, `memory grew from ${Math.round(before.memory)} to ${Math.round(memory)} MiB`);
});
