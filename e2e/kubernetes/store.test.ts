// What every Store must do, by the one that is a real API server.
import assert from "node:assert/strict";
import { after, before, describe, getTestContext } from "node:test";
import { systemClock } from "@slipway/base";
import { type ApiServer, KubernetesStore } from "@slipway/kubernetes";
import { crd } from "@slipway/spec";
import { type LocalStore, openMemoryStore } from "@slipway/store";
import { storeSuite } from "@slipway/testkit";
import { remembering } from "../../packages/kubernetes/src/testing/remembering.ts";
import { hasBinaries } from "../cluster/binaries.ts";
import { eventually } from "../harness/eventually.ts";
import { type LoneApiServer, startLoneApiServer } from "./harness/lone-api-server.ts";

const clock = "the suite sets the clock, and an API server has its own";
const removal = "an API server answers a removal without the version it made";

/** Tests of the suite that an API server cannot pass, and why. They count as skipped. */
const skips: readonly { readonly test: RegExp; readonly reason: string }[] = [
  { test: /^writing: a new object gets its identity/, reason: clock },
  {
    test: /^writing: every problem of an object is named/,
    reason: "an API server also says in its own words what it could not check",
  },
  {
    test: /^writing: a Revision's spec/,
    reason: "a rule of a custom resource names the field that has it, not the one that changed",
  },
  { test: /^writing: a dry run does/, reason: "an API server calls a field that is not known a bad request" },
  { test: /^applying: an applier owns what it sets/, reason: clock },
  { test: /^applying: a conflict names each field/, reason: clock },
  { test: /^applying: status is applied/, reason: "an API server cannot apply the scale of a custom resource" },
  {
    test: /^applying: an applied configuration that is wrong/,
    reason: "an API server suggests no name for a field that is not known",
  },
  {
    test: /^namespaces: (a namespace takes|an empty namespace goes)/,
    reason: "Kubernetes empties a namespace in the background",
  },
  { test: /^removing: .* at a version of its own$/, reason: removal },
  { test: /^removing: an object with finalizers is marked/, reason: clock },
  { test: /^removing: Events go an hour/, reason: "an API server lets Events go by itself" },
  { test: /^watching: changes come in order/, reason: removal },
  { test: /^watching: a watch begins in the past/, reason: "an API server's own objects take versions in between" },
  { test: /^watching: history that is not kept/, reason: "what an API server keeps is not a number that the suite can set" },
  { test: /^watching: a watcher that falls/, reason: "what a slow reader has not read waits in sockets, not in the store" },
  { test: /^watching: a bookmark a minute/, reason: clock },
];
const skip = hasBinaries() ? false : "Kubernetes is not built here; `npm run cluster -- up` builds it once";
if (skip !== false) console.error(`left out: the Store of an API server. ${skip}`);

describe("a real API server", { skip }, () => {
  let server: LoneApiServer;
  before(async () => {
    server = await startLoneApiServer();
    for (const kind of ["Model", "Revision"] as const) await install(server.connection, kind);
  });
  after(() => server.close());

  storeSuite("a real API server", async (options) => {
    const context = getTestContext();
    const reason = skips.find((each) => each.test.test(context?.name ?? ""))?.reason;
    if (reason !== undefined) {
      (context as { skip(reason: string): void }).skip(reason);
      const local = openMemoryStore(options);
      return { store: local, stop: async () => local.close() };
    }
    await empty(server.connection);
    return {
      store: remembering(new KubernetesStore({ server: server.connection, clock: systemClock })) as unknown as LocalStore,
      stop: async () => {},
    };
  });
});

async function install(server: ApiServer, kind: "Model" | "Revision"): Promise<void> {
  const definition = crd(kind);
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  assert.ok((await call(server, "POST", path, definition)).ok);
  await eventually(
    `${kind} is served`,
    20,
    async () => (await call(server, "GET", `/apis/slipway.dev/v1alpha1/${definition.spec.names.plural}`)).ok,
  );
}

function call(server: ApiServer, method: string, path: string, body?: object) {
  const headers = { "content-type": "application/json" };
  return server.fetch(`${server.baseUrl}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

/** Takes away what the test before left. */
async function empty(server: ApiServer): Promise<void> {
  await eventually("nothing is left of the test before", 20, async () => {
    const left: object[] = [];
    for (const [path, mine] of kinds) {
      const { items } = JSON.parse(await (await call(server, "GET", path)).text()) as { items: Item[] };
      for (const item of items.filter(mine)) {
        left.push(item);
        await remove(server, path, item);
      }
    }
    return left.length === 0;
  });
}

async function remove(server: ApiServer, path: string, { metadata }: Item): Promise<void> {
  const where = metadata.namespace === undefined ? path : path.replace(/\/(\w+)$/, `/namespaces/${metadata.namespace}/$1`);
  const url = `${where}/${metadata.name}`;
  const headers = { "content-type": "application/merge-patch+json" };
  if ((metadata.finalizers ?? []).length > 0)
    await server.fetch(`${server.baseUrl}${url}`, { method: "PATCH", headers, body: '{"metadata":{"finalizers":null}}' });
  await call(server, "DELETE", url, { propagationPolicy: "Background" });
}

interface Item {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly finalizers?: readonly string[] };
}

/** Kubernetes' own namespaces. */
const system = ["kube-system", "kube-public", "kube-node-lease"];

/** What the suite writes, and which objects of the kind are its own. */
const kinds: readonly (readonly [path: string, mine: (item: Item) => boolean])[] = [
  ["/apis/slipway.dev/v1alpha1/models", () => true],
  ["/apis/slipway.dev/v1alpha1/revisions", () => true],
  ["/api/v1/secrets", ({ metadata }) => !system.includes(metadata.namespace ?? "")],
  ["/api/v1/events", ({ metadata }) => !system.includes(metadata.namespace ?? "")],
  ["/api/v1/namespaces", ({ metadata }) => ![...system, "default"].includes(metadata.name)],
];
