// Many Models in a cluster whose nodes and pods only look as if they ran: how fast the operator is, what it asks of the API server, and how much memory it takes.
// `npm run proof -- kwok` is 1,000 Models with 5,000 pods.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import { cannotRun } from "../cluster/can-run.ts";
import { eventually } from "../harness/eventually.ts";
import { amount } from "../harness/length.ts";
import { countsOf, writesOf } from "./fleet/audit-log.ts";
import { Fleet, type Reaction } from "./fleet/fleet.ts";
import { judgesMissing } from "./judges/judge-binaries.ts";

const count = amount(20, 1_000);
const replicas = 5;
/** Models written at once when the fleet is made. */
const atOnce = amount(10, 50);
const changes = amount(5, 50);
/** A little more than the operator takes to look at every Model again. */
const quietSeconds = 75;

const skip =
  process.platform !== "linux" || !existsSync("/proc/self/status")
    ? "its programs run on Linux"
    : (judgesMissing("kwok") ?? (process.getuid?.() === 0 ? (cannotRun() ?? false) : false));
if (skip !== false) console.error(`left out: many Models on kwok. ${skip}`);

describe(`${count} Models with ${count * replicas} pods`, { skip }, () => {
  let fleet: Fleet;
  const names = Array.from({ length: count }, (_, index) => `model-${index}`);
  before(async () => {
    fleet = await Fleet.up(count * (replicas + 1) + 100, (line) => console.error(line));
  });
  after(() => fleet?.close());

  test("all are made", async (t) => {
    fleet.audit.next();
    const started = systemClock.monotonic();
    const reactions: Reaction[] = [];
    const left = [...names];
    const worker = async () => {
      for (let name = left.shift(); name !== undefined; name = left.shift())
        reactions.push(await fleet.write({ name, replicas }, amount(120, 900)));
    };
    await Promise.all(Array.from({ length: atOnce }, worker)).catch((error: unknown) => {
      throw new Error(`a Model did not become ready:\n${fleet.logs()}`, { cause: error });
    });
    const seconds = Math.round((systemClock.monotonic() - started) / 100) / 10;
    t.diagnostic(`all ready after ${seconds} s, ${atOnce} at once`);
    tell(t, "making one of many", reactions);
    const asked = fleet.audit.next();
    t.diagnostic(`calls for each Model made: ${perModel(asked.length)}; ${countsOf(asked, count)}`);
    assert.equal(await fleet.readyPods(), count * replicas);
  });

  test("all that was made for them belongs to somebody, and goes with them", async () => {
    assert.deepEqual(await fleet.orphans(), []);
  });

  test("nothing is written while nothing changes, over a whole resync", async (t) => {
    await eventually("what was begun has ended", 60, async () => {
      const before = writesOf(fleet.audit.next()).length;
      await new Promise<void>((resolve) => systemClock.after(3_000, resolve));
      return before === 0 && writesOf(fleet.audit.next()).length === 0;
    });
    const cpu = fleet.operator.processorSeconds();
    await new Promise<void>((resolve) => systemClock.after(quietSeconds * 1_000, resolve));
    const asked = fleet.audit.next();
    const used = Math.round((fleet.operator.processorSeconds() - cpu) * 1_000) / quietSeconds;
    t.diagnostic(`${quietSeconds} s without a change: ${writesOf(asked).length} writes; ${countsOf(asked, 1)}`);
    t.diagnostic(`processor while nothing changes: ${Math.round(used * 10) / 10} ms a second`);
    assert.ok(
      asked.some(({ resource }) => resource === "leases"),
      "the operator still leads",
    );
    assert.deepEqual(writesOf(asked), []);
  });

  for (const [title, wanted] of [
    ["one more replica", { replicas: replicas + 1 }],
    ["one replica less", { replicas }],
    ["a new revision", { replicas, cpu: "200m" }],
  ] as const) {
    test(`a change at a time: ${title}`, async (t) => {
      fleet.audit.next();
      const reactions: Reaction[] = [];
      for (const name of names.slice(0, changes)) reactions.push(await fleet.write({ name, ...wanted }));
      tell(t, title, reactions);
      const asked = fleet.audit.next();
      t.diagnostic(`calls for each change: ${Math.round((asked.length / changes) * 10) / 10}; ${countsOf(asked, changes)}`);
      assert.ok(asked.length > 0);
      assert.deepEqual(
        asked.filter(({ code }) => code >= 400 && code !== 404 && code !== 409),
        [],
      );
    });
  }

  test("memory", (t) => {
    const { now, most } = fleet.operator.memory();
    t.diagnostic(`the operator's memory: ${now} MiB, at most ${most} MiB`);
    t.diagnostic(`the operator ended, and was started again: ${fleet.operator.restarts} times`);
    assert.ok(fleet.operator.running);
  });

  test("all are deleted, and nothing of them is left", async (t) => {
    const started = systemClock.monotonic();
    await fleet.deleteAll(amount(120, 900));
    t.diagnostic(`all gone after ${Math.round((systemClock.monotonic() - started) / 100) / 10} s`);
  });
});

function perModel(calls: number): number {
  return Math.round((calls / count) * 10) / 10;
}

/** Milliseconds from the write, as a row: median, 99 %, worst. */
function tell(t: { diagnostic(line: string): void }, what: string, reactions: readonly Reaction[]): void {
  for (const [until, key] of [
    ["Deployment written", "deployment"],
    ["Ready", "ready"],
  ] as const) {
    const sorted = reactions.map((reaction) => reaction[key]).sort((a, b) => a - b);
    const at = (share: number) =>
      String(Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!)).padStart(6);
    t.diagnostic(`${what.padEnd(20)} ${until.padEnd(20)} p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  worst ${at(1)} ms`);
  }
}
