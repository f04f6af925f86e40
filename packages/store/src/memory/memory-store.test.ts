import { storeSuite } from "@slipway/testkit";
import { openMemoryStore } from "../open-store.ts";

storeSuite("memory", async (options) => {
  const store = openMemoryStore(options);
  return { store, stop: async () => store.close() };
});
