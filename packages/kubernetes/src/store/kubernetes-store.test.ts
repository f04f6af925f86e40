import { getTestContext } from "node:test";
import { systemClock } from "@slipway/base";
import { type LocalStore, openMemoryStore } from "@slipway/store";
import { storeSuite } from "@slipway/testkit";
import { startApiServer } from "../testing/api-server.ts";
import { remembering } from "../testing/remembering.ts";
import { KubernetesStore } from "./kubernetes-store.ts";

/** Tests of the suite that an API server cannot pass, and why. They run on the store behind it, and count as skipped. */
const skips: readonly { readonly test: RegExp; readonly reason: string }[] = [
  { test: /^applying: status is applied/, reason: "an API server cannot apply the scale of a custom resource" },
  { test: /^removing: .* at a version of its own$/, reason: "an API server answers a removal without the version it made" },
  { test: /^watching: changes come in order/, reason: "an API server answers a removal without the version it made" },
  { test: /^collecting: in the background/, reason: "an API server answers a removal without the version it made" },
  { test: /^namespaces: the default namespace/, reason: "an API server's refusal also says what to do" },
  {
    test: /^watching: a watcher that falls too far behind/,
    reason: "what a slow reader has not read waits in sockets, not in the store",
  },
  { test: /^watching: a bookmark a minute/, reason: "the suite moves the clock before the watch need have arrived" },
];

storeSuite("an API server", async (options) => {
  const local = openMemoryStore(options);
  const context = getTestContext();
  const skip = skips.find(({ test }) => test.test(context?.name ?? ""));
  if (skip !== undefined) {
    (context as { skip(reason: string): void }).skip(skip.reason);
    return { store: local, stop: async () => local.close() };
  }
  const server = await startApiServer(local, options.clock);
  const store = remembering(new KubernetesStore({ server, clock: systemClock }));
  return {
    // Of what only a local store has, the suite uses the sweep of Events, which is the API server's business.
    store: Object.assign(store, { sweep: local.sweep.bind(local) }) as unknown as LocalStore,
    stop: async () => {
      await server.close();
      local.close();
    },
  };
});
