import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessExit, ProcessStatus } from "../host/process-status.ts";
import { planProcesses } from "./plan-processes.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const run = { revision: "digits-1a2b3c4d5e", owner: "uid-1" };
const name = (ordinal: number) => `${run.revision}-${ordinal}`;

function process(
  ordinal: number,
  state: ProcessStatus["state"],
  rest: Partial<ProcessStatus> = {},
  owner = run.owner,
): ProcessStatus {
  const labels = { namespace: "default", model: "digits", owner, revision: run.revision, name: name(ordinal) };
  return {
    id: `replica/default/${name(ordinal)}`,
    role: "replica",
    labels,
    state,
    startedAt: now - 60_000,
    restarts: 0,
    ...rest,
  };
}

function ended(ordinal: number, restarts: number, agoMs: number, cause: ProcessExit["cause"] = "ended"): ProcessStatus {
  return process(ordinal, "exited", { restarts, exit: { at: now - agoMs, code: 1, signal: null, cause } });
}

const nothing = { start: [], stop: [], forget: [], recheckAt: undefined };

test("starts what is missing, under the lowest free names", () => {
  assert.deepEqual(planProcesses(run, 2, [], [], now), { ...nothing, start: [name(0), name(1)] });
  const gap = [process(0, "ready"), process(2, "starting")];
  assert.deepEqual(planProcesses(run, 3, [], gap, now), { ...nothing, start: [name(1)] });
});

test("does nothing when there are as many as asked, starting ones included", () => {
  const all = [process(0, "ready"), process(1, "starting")];
  assert.deepEqual(planProcesses(run, 2, [], all, now), nothing);
});

test("ends nothing that was not told to leave, also when there are more than asked", () => {
  const all = [process(0, "ready"), process(1, "ready"), ended(2, 1, 0)];
  assert.deepEqual(planProcesses(run, 1, [], all, now), nothing);
});

test("stops what leaves, once, and forgets it when it has ended", () => {
  const all = [process(0, "ready"), process(1, "ready"), process(2, "draining"), ended(3, 0, 0, "stopped")];
  const leaving = [name(1), name(2), name(3)];
  assert.deepEqual(planProcesses(run, 1, leaving, all, now), { ...nothing, stop: [name(1)], forget: [name(3)] });
});

test("what drains counts no more: another takes its place at once, under another name", () => {
  const all = [process(0, "draining"), process(1, "ready")];
  assert.deepEqual(planProcesses(run, 2, [], all, now), { ...nothing, start: [name(2)] });
});

test("a crashed process starts again at once, then after 1 s, 2 s … 60 s, under its own name", () => {
  const after = (restarts: number, agoMs: number) => planProcesses(run, 1, [], [ended(0, restarts, agoMs)], now);
  assert.deepEqual(after(1, 0).start, [name(0)]);
  assert.deepEqual(after(2, 999), { ...nothing, recheckAt: now + 1 });
  assert.deepEqual(after(2, 1_000).start, [name(0)]);
  assert.deepEqual([after(3, 1_999).start, after(3, 2_000).start], [[], [name(0)]]);
  assert.equal(after(40, 0).recheckAt, now + 60_000);
});

test("looks again when the first of several back-offs is over", () => {
  const all = [ended(0, 4, 0), ended(1, 2, 0), process(2, "ready")];
  assert.equal(planProcesses(run, 3, [], all, now).recheckAt, now + 1_000);
});

test("of more ended than wanted the lowest come again, and a place is not filled twice", () => {
  const all = [ended(1, 1, 0), ended(0, 1, 0), ended(2, 1, 0)];
  assert.deepEqual(planProcesses(run, 2, [], all, now), { ...nothing, start: [name(0), name(1)] });
});

test("one that was asked to stop and is wanted again starts at once", () => {
  assert.deepEqual(planProcesses(run, 1, [], [ended(0, 0, 0, "stopped")], now).start, [name(0)]);
});

test("a process of another Model of the same name counts for nothing, keeps its name, and ends when told", () => {
  const foreign = process(0, "ready", {}, "uid-0");
  assert.deepEqual(planProcesses(run, 1, [], [foreign], now), { ...nothing, start: [name(1)] });
  assert.deepEqual(planProcesses(run, 1, [name(0)], [foreign, process(1, "ready")], now), { ...nothing, stop: [name(0)] });
});
