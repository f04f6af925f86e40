import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import { eventually, isGone, TestPlatform } from "../../fixtures/platform.ts";
import { lifelineVariable, writeTicket } from "../lifeline/ticket.ts";

const never = new AbortController().signal;

describe("a killed supervisor", () => {
  let platform: TestPlatform;
  beforeEach(async () => {
    platform = await TestPlatform.create();
  });
  afterEach(async () => {
    await platform.close();
  });

  const system = (role: "control" | "gateway", behaviour = "good") => ({ ...platform.spec(role, behaviour), id: role, role });

  test("takes its children along within two seconds", async () => {
    const supervisor = await platform.spawnSupervisor([system("control")]);
    const spec = platform.spec("a", "family");
    await platform.start(spec);
    const pids = [(await platform.becomes("control", "ready")).pid!, (await platform.becomes(spec.id, "ready")).pid!];
    await platform.family(spec.id);
    const killedAt = systemClock.monotonic();
    process.kill(supervisor, "SIGKILL");
    for (const pid of pids) await eventually(`child ${pid} is gone`, () => isGone(pid));
    const took = systemClock.monotonic() - killedAt;
    // They wait two seconds for a successor; the rest is for a busy machine.
    assert.ok(took > 1_500 && took < 4_000, `children ended after ${took} ms`);
  });

  test("is followed by one that adopts every child with its state and restarts none", async () => {
    const first = await platform.spawnSupervisor([system("control"), system("gateway")]);
    const crashed = platform.spec("a", "good");
    await platform.start(crashed);
    process.kill((await platform.becomes(crashed.id, "ready")).pid!, "SIGKILL");
    await platform.becomes(crashed.id, "exited");
    await platform.start(crashed);
    const ids = ["control", "gateway", crashed.id];
    const before = [];
    for (const id of ids) before.push(await platform.becomes(id, "ready"));
    process.kill(first, "SIGKILL");
    await platform.spawnSupervisor([system("control"), system("gateway")]);
    const after = [];
    for (const id of ids) after.push((await platform.status(id))!);
    assert.deepEqual(
      after.map(({ pid, state, startedAt, restarts }) => ({ pid, state, startedAt, restarts })),
      before.map(({ pid, state, startedAt, restarts }) => ({ pid, state, startedAt, restarts })),
    );
    await platform.host.stop(crashed.id, 5_000, never);
    await platform.becomes(crashed.id, "exited");
    assert.ok(isGone(before[2]!.pid!));
  });

  test("is followed by one that sees an adopted child die", async () => {
    const first = await platform.spawnSupervisor();
    const spec = platform.spec("a", "good");
    await platform.start(spec);
    const { pid } = await platform.becomes(spec.id, "ready");
    process.kill(first, "SIGKILL");
    await platform.startSupervisor();
    assert.equal((await platform.status(spec.id))?.pid, pid);
    process.kill(pid!, "SIGKILL");
    assert.equal((await platform.becomes(spec.id, "exited")).restarts, 1);
  });

  test("is followed by one that replaces system processes with another command line", async () => {
    const first = await platform.spawnSupervisor([system("control"), system("gateway")]);
    const control = await platform.becomes("control", "ready");
    const gateway = await platform.becomes("gateway", "ready");
    process.kill(first, "SIGKILL");
    await platform.startSupervisor({ system: [system("control", "changed")] });
    const replaced = await platform.becomes("control", "ready");
    assert.notEqual(replaced.pid, control.pid);
    assert.ok(isGone(control.pid!));
    assert.ok(isGone(gateway.pid!), "a system process that is not wanted any more ends");
    assert.equal(await platform.status("gateway"), undefined);
  });

  test("is followed by one that kills orphans which say nothing, found in the journal", async () => {
    const first = await platform.spawnSupervisor();
    const spec = platform.spec("a", "silent");
    await platform.start(spec);
    const pid = await eventually("the child runs", async () => (await platform.status(spec.id))?.pid);
    process.kill(first, "SIGKILL");
    await eventually("the supervisor is gone", () => isGone(first));
    assert.ok(!isGone(pid));
    await platform.startSupervisor();
    assert.ok(isGone(pid));
    assert.equal(await platform.status(spec.id), undefined);
  });

  test("is followed by one that touches nothing when its home is a copy of a home in use", async () => {
    const original = await TestPlatform.create();
    await original.startSupervisor();
    const spec = original.spec("a", "good");
    await original.start(spec);
    const { pid } = await original.becomes(spec.id, "ready");
    await copyFile(original.home.journal, platform.home.journal);
    await platform.startSupervisor();
    assert.equal((await original.status(spec.id))?.pid, pid);
    assert.equal((await original.status(spec.id))?.state, "ready");
    await original.close();
  });

  test("leaves a journal that cannot be read aside, and still adopts who says hello", async () => {
    const first = await platform.spawnSupervisor();
    const spec = platform.spec("a", "good");
    await platform.start(spec);
    const { pid } = await platform.becomes(spec.id, "ready");
    await writeFile(platform.home.journal, "{");
    process.kill(first, "SIGKILL");
    await platform.startSupervisor();
    assert.equal((await platform.becomes(spec.id, "ready")).pid, pid);
  });

  test("kills a second process of a name that is taken", async () => {
    await platform.startSupervisor();
    const spec = platform.spec("a", "good");
    await platform.start(spec);
    const { pid } = await platform.becomes(spec.id, "ready");
    const ticket = writeTicket({
      supervisor: platform.home.supervisorSocket,
      nonce: "another",
      spec,
      startedAt: 0,
      restarts: 0,
      beatMs: 2_000,
    });
    const [node = "", ...args] = spec.argv;
    const second = spawn(node, args, { env: { [lifelineVariable]: ticket }, detached: true, stdio: "ignore" });
    const [, signal] = await once(second, "exit");
    assert.equal(signal, "SIGKILL");
    assert.equal((await platform.status(spec.id))?.pid, pid);
  });
});
