import assert from "node:assert/strict";
import { test } from "node:test";
import { observedReplica } from "./observed-replica.ts";
import { type ContainerStatus, type Pod, readPod } from "./pod.ts";

const image = `registry.example/digits@sha256:${"1".repeat(64)}`;
const started = "2026-01-01T00:00:00Z";

/** A pod as an API server sends it. */
function pod(status: object = {}, metadata: object = {}): Pod {
  return readPod({
    metadata: {
      name: "digits-1-abc",
      namespace: "default",
      uid: "u",
      resourceVersion: "7",
      creationTimestamp: started,
      labels: { "slipway.dev/model": "digits", "slipway.dev/revision": "digits-1", "slipway.dev/model-uid": "owner" },
      managedFields: [{}],
      ...metadata,
    },
    spec: {
      nodeName: "node-1",
      containers: [{ name: "model", image, resources: { limits: { memory: "1Gi" } } }],
      tolerations: [],
    },
    status: { phase: "Running", startTime: started, podIP: "10.0.0.7", ...status },
  });
}

const ready = { conditions: [{ type: "Ready", status: "True" }] };
const container = (state: object, more: Partial<ContainerStatus> = {}) => ({
  containerStatuses: [{ name: "model", restartCount: 0, state, ...more }],
});
const waiting = (reason: string, message = "", more: Partial<ContainerStatus> = {}) =>
  container({ waiting: { reason, message } }, more);
const ended = (exitCode: number, more: object = {}) => ({
  terminated: { exitCode, startedAt: started, finishedAt: "2026-01-01T00:00:05Z", ...more },
});
const state = (value: Pod) => observedReplica(value)?.state;

test("a pod that is ready is a replica with an address", () => {
  assert.deepEqual(observedReplica(pod({ ...ready, ...container({ running: {} }) })), {
    name: "digits-1-abc",
    owner: "owner",
    revision: "digits-1",
    state: "ready",
    node: "node-1",
    startedAt: Date.parse(started),
    address: "tls://10.0.0.7:7880",
    restarts: 0,
    limits: "cgroup: by kubelet",
  });
});

test("what ends is draining, whatever else is true of it; what is over is no replica", () => {
  const deletionTimestamp = "2026-01-01T00:01:00Z";
  assert.equal(state(pod(ready, { deletionTimestamp })), "draining");
  assert.equal(state(pod(container(ended(1)), { deletionTimestamp })), "draining");
  const asked = observedReplica(pod(container(ended(0), { restartCount: 1, lastState: ended(1) }), { deletionTimestamp }));
  assert.deepEqual([asked?.restarts, asked?.exit?.code], [1, 1], "an end that was asked for is no failure");
  assert.equal(state(pod({ phase: "Failed", reason: "Evicted" }, { deletionTimestamp })), "draining");
  assert.equal(state(pod({ phase: "Failed", reason: "Evicted" })), undefined);
  assert.equal(state(pod({ phase: "Succeeded" })), undefined);
  assert.equal(state(pod({}, { labels: { "slipway.dev/model": "digits" } })), undefined);
});

test("a container that ended says why in its last words", () => {
  const exit = (status: object) => {
    const { state: seen, restarts, exit: last, error } = observedReplica(pod(status))!;
    return [seen, restarts, last?.reason, last?.code, last?.signal, last?.message, error?.code];
  };
  const cases: readonly (readonly [object, readonly unknown[]])[] = [
    [
      container(ended(5, { message: '{"code":"invalid","message":"The model has no input."}\n' })),
      ["exited", 1, "ModelInvalid", 5, null, "The model has no input.", "invalid"],
    ],
    [
      waiting("CrashLoopBackOff", "back-off 10s", { restartCount: 2, lastState: ended(1, { message: "one\ntwo\n" }) }),
      ["exited", 3, "Error", 1, null, "two", undefined],
    ],
    [
      container(ended(137, { reason: "OOMKilled" })),
      ["exited", 1, "OOMKilled", null, "SIGKILL", "It needed more memory than it may use.", undefined],
    ],
    [container(ended(137)), ["exited", 1, "Error", null, "SIGKILL", "It was ended by SIGKILL.", undefined]],
    [
      container(ended(128, { reason: "StartError", message: "no such file" })),
      ["exited", 1, "StartFailed", 128, null, "Its container could not be started: no such file.", undefined],
    ],
    [
      container({ running: {} }, { restartCount: 1, lastState: ended(1, { message: '{"level":"error","message":"it broke"}' }) }),
      ["starting", 1, "Error", 1, null, "it broke", undefined],
    ],
    [container(ended(0)), ["exited", 1, "Completed", 0, null, "It stopped when asked to.", undefined]],
  ];
  for (const [status, expected] of cases) assert.deepEqual(exit(status), expected);
});

test("a crash after a long time of running well is the first one", () => {
  const long = ended(1, { finishedAt: "2026-01-01T00:10:00Z" });
  assert.equal(observedReplica(pod(container({ running: {} }, { restartCount: 9, lastState: long })))?.restarts, 1);
  assert.equal(observedReplica(pod(container({ running: {} }, { restartCount: 9, lastState: ended(1) })))?.restarts, 9);
});

test("it is as old as its program, not as its pod", () => {
  const startOf = (status: object) => new Date(observedReplica(pod(status))!.startedAt).toISOString();
  const anew = { startedAt: "2026-01-01T00:00:09Z" };
  assert.equal(startOf(container({ running: anew }, { restartCount: 1, lastState: ended(1) })), "2026-01-01T00:00:09.000Z");
  assert.equal(startOf(container(ended(1, anew))), "2026-01-01T00:00:09.000Z");
  assert.equal(startOf(waiting("CrashLoopBackOff", "", { lastState: ended(1, anew) })), "2026-01-01T00:00:09.000Z");
  assert.equal(startOf(waiting("ContainerCreating")), "2026-01-01T00:00:00.000Z");
});

test("what cannot start says why, and what to do", () => {
  const pending = { phase: "Pending", podIP: undefined };
  const unscheduled = (message: string) => ({
    ...pending,
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
  });
  const pull = "failed to pull and unpack image: failed to resolve reference";
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [
      unscheduled(
        "0/2 nodes are available: 2 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
      ),
      "Unschedulable",
      /^no node has enough nvidia\.com\/gpu left; ask for less in spec\.resources, or add a node \(0\/2 nodes are available: 2 Insufficient nvidia\.com\/gpu\)$/,
    ],
    [
      unscheduled("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {a: b}."),
      "Unschedulable",
      /enough cpu left.*; nodes have taints; add spec\.placement\.tolerations/,
    ],
    [
      unscheduled("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."),
      "Unschedulable",
      /labels that spec\.placement asks for/,
    ],
    [
      waiting("ErrImagePull", `${pull} "${image}": not found`),
      "ErrImagePull",
      /the registry has no image registry\.example\/digits@sha256/,
    ],
    [
      waiting("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${pull}: not found`),
      "ErrImagePull",
      /no image registry/,
    ],
    [waiting("ErrImagePull", `${pull}: 401 Unauthorized`), "ErrImagePull", /spec\.placement\.imagePullSecrets/],
    [
      waiting("ErrImagePull", `${pull}: dial tcp 10.0.0.1:5000: connect: connection refused`),
      "ErrImagePull",
      /cannot be reached/,
    ],
    [
      waiting("ErrImagePull", `${pull}: Head "https://10.0.0.1/v2/": http: server gave HTTP response to HTTPS client`),
      "ErrImagePull",
      /has no .*plain HTTP/,
    ],
    [waiting("ErrImagePull", "no match for platform in manifest: not found"), "ErrImagePull", /architecture of node-1/],
    [waiting("InvalidImageName", "couldn't parse image name"), "ErrImagePull", /is not the name of an image/],
    [
      waiting("CreateContainerConfigError", 'secret "weights" not found'),
      "SecretNotFound",
      /^the Secret weights, which spec\.secrets names, is not there/,
    ],
    [
      waiting("CreateContainerConfigError", "couldn't find key token in Secret default/weights"),
      "SecretNotFound",
      /default\/weights has no key token/,
    ],
    [
      waiting("CrashLoopBackOff", "back-off", {
        lastState: ended(255, { message: "exec /slipway/bin/slipway: exec format error" }),
      }),
      "WrongArchitecture",
      /another architecture than node-1 has/,
    ],
  ];
  for (const [status, reason, message] of cases) {
    const seen = observedReplica(pod(status))!;
    assert.equal(seen.state, "starting", message.source);
    assert.equal(seen.error?.reason, reason, message.source);
    assert.match(seen.error!.message, message);
    assert.doesNotMatch(seen.error!.message, /\n|\.$/);
  }
});

test("on its way is no trouble", () => {
  for (const status of [{}, waiting("ContainerCreating"), waiting("PodInitializing"), container({ running: {} })])
    assert.deepEqual([state(pod(status)), observedReplica(pod(status))?.error], ["starting", undefined]);
});
