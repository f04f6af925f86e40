import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually, isGone, TestPlatform } from "../../fixtures/platform.ts";

const never = new AbortController().signal;

describe("startSupervisor", () => {
  let platform: TestPlatform;
  beforeEach(async () => {
    platform = await TestPlatform.create();
  });
  afterEach(async () => {
    await platform.close();
  });

  test("starts a replica, follows its reports and stops it with SIGTERM", async () => {
    await platform.startSupervisor();
    const spec = platform.spec("a", "good");
    await platform.start(spec);
    const ready = await platform.becomes(spec.id, "ready");
    assert.equal(ready.limits, undefined);
    await platform.host.stop(spec.id, 5_000, never);
    const exited = await platform.becomes(spec.id, "exited");
    assert.deepEqual([exited.exit?.code, exited.exit?.signal, exited.exit?.cause], [0, null, "stopped"]);
    assert.ok(isGone(ready.pid!));
    await platform.host.forget(spec.id, never);
    assert.equal(await platform.status(spec.id), undefined);
  });

  test("records the exit code of a crash and does not restart a replica by itself", async () => {
    await platform.startSupervisor();
    const spec = platform.spec("a", "exits7");
    await platform.start(spec);
    const exited = await platform.becomes(spec.id, "exited");
    assert.deepEqual([exited.exit?.code, exited.exit?.cause, exited.restarts], [7, "ended", 1]);
    await platform.start(spec);
    await eventually("the second crash is counted", async () => (await platform.status(spec.id))?.restarts === 2);
  });

  test("kills a replica that ignores SIGTERM with all it started, in its group and out of it", async () => {
    await platform.startSupervisor();
    const spec = platform.spec("a", "family");
    await platform.start(spec);
    const children = await platform.family(spec.id);
    assert.equal(children.length, 2);
    await platform.host.stop(spec.id, 100, never);
    const exited = await platform.becomes(spec.id, "exited");
    assert.deepEqual([exited.exit?.signal, exited.exit?.cause], ["SIGKILL", "graceExceeded"]);
    for (const pid of children) await eventually(`child ${pid} is gone`, () => isGone(pid));
  });

  test("kills what is alive but does not run any more, and leaves alone what does", async () => {
    await platform.startSupervisor({ beatMs: 50 });
    const [hung, good] = [platform.spec("hung", "good"), platform.spec("good", "good")];
    for (const spec of [hung, good]) await platform.start(spec);
    const { pid } = await platform.becomes(good.id, "ready");
    process.kill((await platform.becomes(hung.id, "ready")).pid!, "SIGSTOP");
    const exited = await platform.becomes(hung.id, "exited");
    assert.deepEqual([exited.exit?.signal, exited.exit?.cause, exited.restarts], ["SIGKILL", "hung", 1]);
    assert.equal((await platform.status(good.id))?.pid, pid);
  });

  test("a crashed replica leaves no children behind", async () => {
    await platform.startSupervisor();
    const spec = platform.spec("a", "family");
    await platform.start(spec);
    const children = await platform.family(spec.id);
    process.kill((await platform.status(spec.id))!.pid!, "SIGKILL");
    await platform.becomes(spec.id, "exited");
    for (const pid of children) await eventually(`child ${pid} is gone`, () => isGone(pid));
  });

  test("a later stop with less grace shortens the first", async () => {
    await platform.startSupervisor();
    const spec = platform.spec("a", "ignoresStop");
    await platform.start(spec);
    await platform.becomes(spec.id, "ready");
    await platform.host.stop(spec.id, 60_000, never);
    await platform.host.stop(spec.id, 0, never);
    assert.equal((await platform.becomes(spec.id, "exited")).exit?.cause, "graceExceeded");
  });

  test("says why a process cannot be started", async () => {
    await platform.startSupervisor();
    const spec = platform.spec("a", "good", { argv: ["/nowhere/program"] });
    await platform.start(spec);
    const exited = await platform.becomes(spec.id, "exited");
    assert.equal(exited.exit?.cause, "startFailed");
    assert.match(exited.exit?.detail ?? "", /^the program or its working directory was not found \(ENOENT\)$/);
    assert.doesNotMatch(exited.exit?.detail ?? "", /nowhere/);
  });

  test("starts a dead system process again while replicas keep their process", async () => {
    const control = { ...platform.spec("control", "good"), id: "control", role: "control" as const };
    await platform.startSupervisor({ system: [control] });
    const spec = platform.spec("a", "good");
    await platform.start(spec);
    const replica = await platform.becomes(spec.id, "ready");
    const first = await platform.becomes("control", "ready");
    process.kill(first.pid!, "SIGKILL");
    const second = await eventually("control runs again", async () => {
      const status = await platform.status("control");
      return status?.state === "ready" && status.pid !== first.pid ? status : undefined;
    });
    assert.equal(second.restarts, 1);
    assert.equal((await platform.status(spec.id))?.pid, replica.pid);
  });

  test("refuses to stop or replace a system process on request", async () => {
    const control = { ...platform.spec("control", "good"), id: "control", role: "control" as const };
    await platform.startSupervisor({ system: [control] });
    await assert.rejects(platform.host.stop("control", 0, never), { code: "forbidden" });
    await assert.rejects(platform.start(control), { code: "forbidden" });
  });

  test("stop ends the gateway, then replicas, then control, and kills what does not end in time", async () => {
    const system = (role: "control" | "gateway") => ({ ...platform.spec(role, "good"), id: role, role });
    const supervisor = await platform.startSupervisor({ system: [system("control"), system("gateway")] });
    const stubborn = platform.spec("a", "ignoresStop");
    await platform.start(stubborn);
    const pids = [];
    for (const id of [stubborn.id, "control", "gateway"]) pids.push((await platform.becomes(id, "ready")).pid!);
    const order: string[] = [];
    supervisor.onChange(({ id }) => {
      if (supervisor.list().find((status) => status.id === id)?.state === "exited") order.push(id);
    });
    await supervisor.stop();
    assert.deepEqual(order, ["gateway", stubborn.id, "control"]);
    assert.ok(pids.every(isGone));
    await assert.rejects(platform.start(stubborn), { code: "unavailable" });
  });

  test("tells watchers every process first and then each change", async () => {
    await platform.startSupervisor();
    const first = platform.spec("first", "good");
    await platform.start(first);
    await platform.becomes(first.id, "ready");
    const seen: string[] = [];
    const watching = new AbortController();
    const watch = (async () => {
      for await (const { id } of platform.host.changes(watching.signal)) seen.push(id);
    })();
    await eventually("the process there is seen", () => seen.includes(first.id));
    const second = platform.spec("second", "good");
    await platform.start(second);
    await eventually("the new process is seen", () => seen.includes(second.id));
    watching.abort();
    await watch;
  });
});
