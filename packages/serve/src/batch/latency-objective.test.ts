import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { simulate } from "./testing/simulate.ts";

/** Milliseconds of a run of n: with a part that n does not change; with nearly nothing else; with free rows up to eight. */
const models = {
  affine: (n: number) => 4 + n / 2,
  flat: (n: number) => 5 + n / 20,
  knee: (n: number) => (n <= 8 ? 5 : 5 + (n - 8) * 1.5),
} as const;

/** The bound B of an objective: rows per millisecond in runs of which two fit into it. */
function bound(time: (n: number) => number, objectiveMs: number): { rate: number; size: number } {
  let found = { rate: 0, size: 1 };
  for (let size = 1; size <= 64; size += 1) {
    if (2 * time(size) <= objectiveMs && size / time(size) > found.rate) found = { rate: size / time(size), size };
  }
  return found;
}

function run(name: keyof typeof models, times: number, load: number, more: { given?: boolean; maxBatchSize?: number } = {}) {
  const time = models[name];
  const objectiveMs = times * time(1);
  const { rate, size } = bound(time, objectiveMs);
  const requests = Math.round(800 * Math.max(1, size / 4) * Math.max(1, load));
  return simulate({ time, rate: load * rate, requests, objectiveMs, given: true, ...more }).then((result) => ({
    ...result,
    part: result.goodput / rate,
    objectiveMs,
  }));
}

describe("with a latency objective, in virtual time", () => {
  for (const [name, times, load] of [
    ["affine", 10, 0.9],
    ["flat", 10, 0.9],
    ["knee", 10, 0.9],
    ["affine", 4, 0.65],
    ["flat", 4, 0.65],
    ["knee", 4, 0.65],
  ] as const)
    it(`P8 answers 99 % within ${times} s(1) at ${load} B of a model that is ${name}`, async () => {
      const ours = await run(name, times, load);
      assert.ok(ours.inside >= 0.99, `${ours.inside}`);
    });

  for (const name of ["affine", "knee"] as const)
    it(`P8 answers no fewer in time than without, of a model that is ${name}`, async () => {
      for (const load of [0.8, 1]) {
        const ours = await run(name, 10, load);
        const greedy = await run(name, 10, load, { given: false });
        assert.ok(ours.inside >= Math.min(0.995, greedy.inside), `${load} B: ${ours.inside}, without ${greedy.inside}`);
      }
    });

  for (const [name, times] of [
    ["affine", 4],
    ["affine", 10],
    ["flat", 4],
    ["knee", 10],
  ] as const) {
    for (const load of [1.5, 4]) {
      it(`P9 answers 0.9 B within ${times} s(1) when ${load} B come, and refuses the others at once, of a model that is ${name}`, async () => {
        const ours = await run(name, times, load);
        assert.ok(ours.part >= 0.9, `${ours.part} B`);
        assert.ok(ours.refusedAfterMs <= ours.objectiveMs / 10, `refused after ${ours.refusedAfterMs} ms`);
      });
    }
  }

  for (const name of ["affine", "knee"] as const)
    it(`P10 answers as soon as without batches when few come, of a model that is ${name}`, async () => {
      const ours = await run(name, 10, 0.1);
      const off = await run(name, 10, 0.1, { given: false, maxBatchSize: 1 });
      assert.ok(ours.medianMs <= off.medianMs * 1.05, `${ours.medianMs} ms, without ${off.medianMs} ms`);
    });

  it("goes on answering a model that cannot meet it at all, and finds out when it can again", async () => {
    let runs = 0;
    const hiccup = await simulate({
      time: () => (++runs < 8 ? 100 : 1),
      rate: 0.5,
      requests: 3_000,
      objectiveMs: 10,
      given: true,
    });
    assert.ok(hiccup.inside > 0.9, `${hiccup.inside}`);
  });
});
