// Processes that hang or die and ports that are taken (catalogue G, I12): the model answers on.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { after, before, test } from "node:test";
import { systemClock } from "@slipway/base";
import { requestFor } from "./harness/digits.ts";
import { DigitsPlatform } from "./harness/digits-platform.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";

let digits: DigitsPlatform;
before(async () => {
  digits = await DigitsPlatform.up();
  await digits.platform.ok("scale", "digits", "--replicas", "2");
  await eventually(
    "two replicas are ready",
    30,
    async () => (await replicas()).filter(({ state }) => state === "ready").length === 2,
  );
});
after(() => digits.platform.destroy());

interface ReplicaItem {
  readonly name: string;
  readonly pid: number;
  readonly state: string;
  readonly restarts: number;
}

async function replicas(): Promise<ReplicaItem[]> {
  return (await digits.platform.json<{ items: ReplicaItem[] }>("get", "replicas")).items;
}

async function pidOf(role: string): Promise<number> {
  const found = (await digits.platform.processes()).find(({ command }) => new RegExp(` ${role}( |$)`).test(command));
  assert.ok(found !== undefined, `there is a ${role}`);
  return found.pid;
}

test("G3, I12 a replica and control that hang for good: requests are answered, and both are killed and replaced", async (t) => {
  const victim = (await replicas())[0]!;
  const control = await pidOf("control");
  process.kill(victim.pid, "SIGSTOP");
  process.kill(control, "SIGSTOP");
  const started = systemClock.monotonic();
  let answered = 0;
  let slowest = 0;
  const failures: string[] = [];
  const replaced = await eventually("both were replaced", 40, async () => {
    const asked = systemClock.monotonic();
    const response = await digits.infer(requestFor([1]));
    const text = await response.text();
    if (response.status === 200) answered += 1;
    else failures.push(`${response.status}: ${text}`);
    slowest = Math.max(slowest, systemClock.monotonic() - asked);
    const alive = (await digits.platform.processes()).map(({ pid }) => pid);
    return !alive.includes(victim.pid) && !alive.includes(control);
  });
  assert.ok(replaced);
  assert.ok(answered > 0);
  assert.deepEqual(failures, []);
  const result = await eventually("control and two ready replicas are there", 20, async () => {
    const now = await replicas();
    return now.filter(({ state }) => state === "ready").length === 2 && now;
  });
  assert.ok(result.some(({ name, restarts }) => name === victim.name && restarts > 0));
  t.diagnostic(
    `replaced after ${Math.round(systemClock.monotonic() - started)} ms; ${answered} requests meanwhile, the slowest took ${Math.round(slowest)} ms`,
  );
  assert.ok(slowest < 5_000);
  await digits.nextGoodRequest();
});

test("I12 while control is away the command line says so (exit 7), and the last routes stay in force", async () => {
  let answered = 0;
  const others: string[] = [];
  for (let round = 0; round < amount(3, 30); round++) {
    const control = await pidOf("control");
    process.kill(control, "SIGKILL");
    await digits.nextGoodRequest();
    answered += 1;
    await eventually("control is back", 20, async () => {
      const { code, stderr } = await digits.platform.slipway(["get", "models"]);
      if (code !== 0 && code !== 7) others.push(`exit ${code}: ${stderr}`);
      return code === 0;
    });
  }
  assert.ok(answered > 0);
  assert.deepEqual(others, []);
  await digits.nextGoodRequest();
});

test("G12 the gateway's port is taken while it restarts: it waits, says why, and serves there again when it is free", async () => {
  const { port } = digits;
  let taken: Server | undefined;
  let gateway = 0;
  // The port is free for a blink between two gateways; most often the first try gets it.
  await eventually("the port was taken", 20, async () => {
    gateway = await pidOf("gateway");
    process.kill(gateway, "SIGKILL");
    taken = await listenOn(port);
    return taken !== undefined;
  });
  await eventually("its log says why", 10, async () =>
    new RegExp(`Port ${port}.*in use`).test(await digits.platform.log("gateway")),
  );
  await new Promise((resolve) => taken!.close(resolve));
  await eventually("the gateway answers where it was", 20, async () => (await digits.infer(requestFor([1]))).status === 200);
  assert.notEqual(await pidOf("gateway"), gateway);
  await digits.nextGoodRequest();
});

function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

test("G6 a replica that hangs while the platform goes down: down ends it all the same", async () => {
  const [victim] = await replicas();
  process.kill(victim!.pid, "SIGSTOP");
  const result = await digits.platform.slipway(["down"]);
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(await digits.platform.processes(), []);
});
