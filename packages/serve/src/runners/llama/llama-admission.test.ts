import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { LlamaAdmission } from "./llama-admission.ts";

const never = new AbortController().signal;
const turn = () => new Promise(setImmediate);

test("as many run as there are places, others wait in order, and too many are refused", async () => {
  const admission = new LlamaAdmission(1, 2);
  const order: number[] = [];
  const first = await admission.enter(never);
  const enter = (index: number) => admission.enter(never).finally(() => order.push(index));
  const second = enter(2);
  const third = enter(3);
  await assert.rejects(admission.enter(never), { code: "overloaded", retryAfter: 1 });
  assert.equal(admission.inflight, 3);
  first();
  first();
  (await second)();
  (await third)();
  assert.deepEqual([order, admission.inflight], [[2, 3], 0]);
  await admission.idle();
});

test("who leaves while waiting takes no place", async () => {
  const admission = new LlamaAdmission(1, 2);
  const leave = await admission.enter(never);
  const controller = new AbortController();
  const waiting = admission.enter(controller.signal);
  controller.abort(new SlipwayError("cancelled", "gone"));
  await assert.rejects(waiting, { code: "cancelled" });
  assert.equal(admission.inflight, 1);
  leave();
  await admission.idle();
  (await admission.enter(never))();
});

test("when the model dies, everybody who waits is told", async () => {
  const admission = new LlamaAdmission(1, 2);
  await admission.enter(never);
  const waiting = admission.enter(never);
  admission.stop(new SlipwayError("internal", "dead"));
  await assert.rejects(waiting, { message: "dead" });
  await assert.rejects(admission.enter(never), { message: "dead" });
  await turn();
  assert.equal(admission.inflight, 1);
});
