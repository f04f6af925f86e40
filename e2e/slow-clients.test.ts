// A thousand slow clients at once: memory is bounded, and good clients do not notice.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { heldOut, reference, requestFor, wrongAnswer } from "./harness/digits.ts";
import { DigitsPlatform } from "./harness/digits-platform.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { root } from "./harness/platform.ts";
import { RawConnection } from "./harness/raw-connection.ts";
import { ServedModel } from "./harness/served-model.ts";

/** A door with the digits model: where it is, and how much memory its process has. */
interface Door {
  readonly url: string;
  readonly port: number;
  readonly model: string;
  memory(): Promise<number>;
}

const clients = amount(200, 1_000);

describe("at slipway serve", () => {
  let served: ServedModel;
  before(async () => {
    served = await ServedModel.start(readFileSync(join(root, "examples", "digits", "v1", "model.onnx")));
  });
  after(() => served.stop());
  slowClients(() => ({ url: served.url, port: served.port, model: served.model, memory: async () => served.usage().memory }));
});

describe("at the gateway", () => {
  let digits: DigitsPlatform;
  before(async () => {
    digits = await DigitsPlatform.up();
  });
  after(() => digits.platform.destroy());
  slowClients(() => ({
    url: digits.platform.gateway,
    port: digits.port,
    model: "digits",
    memory: () => digits.memory("gateway"),
  }));
});

function slowClients(door: () => Door): void {
  test("bodies of 60 MB that never come: no memory is taken for what was only announced", async (t) => {
    await underSlowClients(t, door(), 400, (connection, { model }) => {
      const head = `POST /v2/models/${model}/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
      connection.socket.write(`${head}Content-Length: 60000000\r\n\r\n{"inputs":[${" ".repeat(1_000)}`);
    });
  });

  test("bodies of 100 kB that come one byte at a time", async (t) => {
    const body = requestFor([1]).padEnd(100_000, " ");
    await underSlowClients(
      t,
      door(),
      400,
      (connection, { model }) => {
        const head = `POST /v2/models/${model}/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
        connection.socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 90_000)}`);
      },
      (connection) => connection.socket.write(" "),
    );
  });

  test("answers of 200 kB that nobody reads", async (t) => {
    const rows = 800;
    const data = Array.from({ length: rows }, () => heldOut.images[1]!).flat();
    const body = JSON.stringify({ inputs: [{ name: "image", datatype: "FP32", shape: [rows, 64], data }] });
    await underSlowClients(t, door(), 1_000, (connection, { model }) => {
      connection.socket.pause();
      const head = `POST /v2/models/${model}/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
      connection.socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    });
  });
}

/** Opens the slow clients, asks well among them for a few seconds, and has memory stay within `moreMiB` of what it was. */
async function underSlowClients(
  t: TestContext,
  door: Door,
  moreMiB: number,
  start: (connection: RawConnection, door: Door) => void,
  goOn: (connection: RawConnection) => void = () => {},
): Promise<void> {
  for (let round = 0; round < 50; round++) await goodRequest(door);
  const before = await door.memory();
  let most = before;
  const connections = await Promise.all(Array.from({ length: clients }, () => RawConnection.open(door.port)));
  const latencies: number[] = [];
  try {
    for (const connection of connections) start(connection, door);
    const until = systemClock.monotonic() + amount(3_000, 7_000);
    await eventually("the good clients were served meanwhile", 60, async () => {
      for (const connection of connections) if (connection.socket.writable) goOn(connection);
      latencies.push(await goodRequest(door));
      most = Math.max(most, await door.memory());
      return systemClock.monotonic() > until && latencies.length >= 20;
    });
  } finally {
    for (const connection of connections) connection.socket.destroy();
  }
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.floor((latencies.length - 1) * share)]!);
  t.diagnostic(
    `${connections.length} slow clients; memory ${Math.round(before)} → at most ${Math.round(most)} MiB; ${latencies.length} good requests, p50 ${at(0.5)} ms, worst ${at(1)} ms`,
  );
  assert.ok(most < before + moreMiB, `memory grew from ${Math.round(before)} to ${Math.round(most)} MiB`);
  assert.ok(at(0.5) < 1_000, `good requests took ${at(0.5)} ms`);
  await eventually("a good request is answered when they have left", 10, async () => (await goodRequest(door)) < 1_000);
}

async function goodRequest({ url, model }: Door): Promise<number> {
  const started = systemClock.monotonic();
  const response = await fetch(`${url}/v2/models/${model}/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: requestFor([1]),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(wrongAnswer(JSON.parse(text), [1], reference("v1")), undefined);
  return systemClock.monotonic() - started;
}
