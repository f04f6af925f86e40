import assert from "node:assert/strict";
import { test } from "node:test";
import { podTrouble } from "./pod-trouble.ts";

const metadata = { name: "p", uid: "u", resourceVersion: "1" };
const waiting = (reason: string, message?: string, ended?: string) =>
  podTrouble({
    metadata,
    status: {
      containerStatuses: [
        {
          state: { waiting: { reason, ...(message && { message }) } },
          ...(ended === undefined ? {} : { lastState: { terminated: { exitCode: 2, message: ended } } }),
        },
      ],
    },
  });

test("what keeps a pod from running is told in its own words, and what is under way is no trouble", () => {
  assert.equal(waiting("ContainerCreating"), undefined);
  assert.equal(podTrouble({ metadata, status: { phase: "Running", containerStatuses: [{ state: {} }] } }), undefined);
  assert.equal(waiting("ErrImagePull", "not found\n"), "ErrImagePull: not found");
  const crash = (said: string) => waiting("CrashLoopBackOff", "back-off 5m0s", said);
  assert.equal(
    crash('{"code":"invalid","message":"The bundle is another."}\n'),
    "it ended with exit code 2: The bundle is another.",
  );
  assert.equal(
    crash("error: Unknown command.\nhint: See help.\n"),
    "it ended with exit code 2: error: Unknown command. hint: See help.",
  );
  const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/2 nodes are available" }];
  assert.equal(podTrouble({ metadata, status: { conditions } }), "0/2 nodes are available");
});
