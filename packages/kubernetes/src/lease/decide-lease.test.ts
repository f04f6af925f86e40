import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideLease, leaseTimes } from "./decide-lease.ts";

const held = (holderIdentity: string, leaseDurationSeconds = 15) => ({ holderIdentity, leaseDurationSeconds });

test("who holds renews, what is free is taken, and what another holds is waited for until its time is over", () => {
  const cases = [
    [undefined, 0, "take"],
    [{}, 0, "take"],
    [held(""), 0, "take"],
    [held("me"), 0, "renew"],
    [held("me"), 1e9, "renew"],
    [held("other"), 0, "wait"],
    [held("other"), 15_000, "wait"],
    [held("other"), 15_001, "take"],
    [held("other", 60), 15_001, "wait"],
    [{ holderIdentity: "other" }, 15_001, "take"],
  ] as const;
  for (const [lease, now, expected] of cases)
    assert.equal(decideLease({ self: "me", lease, seenAt: 0 }, now), expected, JSON.stringify([lease, now]));
});

test("a holder stops acting before anybody may take its lease, however late its last renewal was seen", () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.nat(1e6), (late, renewedAt) => {
      const stopsAt = renewedAt + leaseTimes.deadlineMs;
      // Another cannot have seen the renewal before it was made.
      const view = { self: "other", lease: held("holder"), seenAt: renewedAt + late };
      assert.equal(decideLease(view, stopsAt), "wait");
    }),
  );
});
