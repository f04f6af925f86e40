// P31: 10,000 Models. A resync in which nothing has changed, against a bare loop that compares hashes; and the time from a change to its status.
import { type Clock, silentLog, systemClock } from "@slipway/base";
import { Controller, EventRecorder, PublishedRoutes } from "@slipway/control";
import { type Model, revisionName } from "@slipway/spec";
import { openMemoryStore } from "@slipway/store";
import { FakeBackend, FakeRoutes } from "@slipway/testkit";
import { benchOptions } from "./load/options.ts";
import { Report } from "./load/report.ts";
import { median, percentile, withRange } from "./load/statistics.ts";

const models = 10_000;
const { rounds, trial } = benchOptions("reconcile", ["all"], { seconds: 1 });
const changes = 500;
const report = new Report({
  name: "reconcile",
  trial,
  facts: { models, rounds, changes, store: "memory", backend: "fake, 1 replica per Model", resync: "60 s, brought forward" },
});

/** The machine's clock, with the controller's wait for the next resync in our hands. */
let resync = () => {};
const clock: Clock = {
  ...systemClock,
  sleep: (ms, signal) =>
    ms < 60_000
      ? systemClock.sleep(ms, signal)
      : new Promise((resolve, reject) => {
          resync = resolve;
          signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
        }),
};
const store = openMemoryStore({ clock });
const backend = new FakeBackend({ clock, startMs: 0, drainMs: 0 });
const routes = new FakeRoutes({ clock });
let observed = 0;
let onObserved = () => {};
const counting = {
  observe: (...[key, signal]: Parameters<FakeBackend["observe"]>) => {
    observed++;
    onObserved();
    return backend.observe(key, signal);
  },
  perform: backend.perform.bind(backend),
  changes: backend.changes.bind(backend),
};
const stop = new AbortController();
const controller = new Controller(
  {
    store,
    backend: counting,
    routes: new PublishedRoutes(routes),
    events: new EventRecorder(store, clock),
    clock,
    log: silentLog,
    gateway: "http://127.0.0.1:7878",
    place: { autoscales: false, conditions: () => [] },
  },
  () => routes.begin(),
);
for (let index = 0; index < models; index++) await store.write(modelOf(index), { expect: "absent", manager: "bench" });
const started = performance.now();
const running = controller.run(stop.signal);
await atRest();
const settleMs = performance.now() - started;

const bare: number[] = [];
const full: number[] = [];
let writes = 0;
for (let round = 0; round < rounds + 1; round++) {
  const bareMs = await compareHashes();
  const before = Number((await store.list("Model")).version);
  const fullMs = await resyncOnce();
  writes += Number((await store.list("Model")).version) - before;
  if (round === 0) continue;
  bare.push(bareMs);
  full.push(fullMs);
}
const ratios = bare.map((ms, round) => ms / full[round]!);

const latencies: number[] = [];
for (let change = 0; change < changes; change++)
  latencies.push(await changeToStatus((change * 7919) % models, 1 + ((change + 1) % 2)));
latencies.sort((a, b) => a - b);
stop.abort();
await running;
report.table("10,000 Models", [
  {
    "first settle s": (settleMs / 1000).toFixed(1),
    "bare loop ms": median(bare).toFixed(0),
    "resync ms": median(full).toFixed(0),
    "of bare": withRange(ratios),
    writes,
    "change p50 ms": percentile(latencies, 0.5).toFixed(2),
    "change p99 ms": percentile(latencies, 0.99).toFixed(2),
  },
]);
report.finish([
  {
    id: "P31",
    what: "a resync without a change: its rate beside a bare loop that compares hashes",
    least: 0.5,
    measured: ratios,
  },
  { id: "P31", what: "writes of all resyncs", most: 0, unit: "", measured: [writes] },
  { id: "P31", what: "change to status, p99", most: 50, unit: "ms", measured: [percentile(latencies, 0.99)] },
]);

function modelOf(index: number): Model {
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Model",
    metadata: { namespace: "default", name: `model-${index}` },
    spec: { source: { bundle: `sha256:${index.toString(16).padStart(64, "0")}` }, parameters: { index: String(index) } },
  } as unknown as Model;
}

/** What no controller can do without: look at every object, and see by its hash that it is what it was. */
async function compareHashes(): Promise<number> {
  const from = performance.now();
  let changed = 0;
  for (const model of (await store.list("Model")).items) if (revisionName(model) !== model.status?.latestRevision) changed++;
  if (changed > 0) throw new Error(`${changed} Models are not settled`);
  return performance.now() - from;
}

async function resyncOnce(): Promise<number> {
  const target = observed + models;
  const from = performance.now();
  const done = new Promise<void>((resolve) => {
    onObserved = () => observed >= target && resolve();
  });
  resync();
  await done;
  await new Promise<void>((resolve) => setImmediate(resolve));
  return performance.now() - from;
}

async function atRest(): Promise<void> {
  for (let before = ""; ; ) {
    const { items, version } = await store.list("Model");
    const ready = items.filter((model) => model.status?.readyReplicas === 1).length;
    if (version === before && ready === models) return;
    before = version;
    await systemClock.sleep(200);
  }
}

async function changeToStatus(index: number, replicas: number): Promise<number> {
  const key = { namespace: "default", name: `model-${index}` };
  const model = (await store.get("Model", key))!;
  const { version } = await store.list("Model");
  const end = new AbortController();
  const from = performance.now();
  const watch = store.watch("Model", { from: version }, end.signal);
  const next = { ...model, spec: { ...model.spec, replicas } };
  const { metadata } = await store.write(next, { expect: model.metadata.resourceVersion!, manager: "bench" });
  for await (const change of watch) {
    if (change.type === "bookmark" || change.resource.metadata.name !== key.name) continue;
    if ((change.resource.status?.observedGeneration ?? 0) >= metadata.generation!) break;
  }
  end.abort();
  return performance.now() - from;
}
