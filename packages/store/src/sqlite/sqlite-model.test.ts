import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sameStores } from "@slipway/testkit";
import { openMemoryStore, openSqliteStore } from "../open-store.ts";

test("random programs do the same in memory and in SQLite, however often it is opened again", { timeout: 120_000 }, async () => {
  await sameStores(
    async (options) => {
      const store = openMemoryStore(options);
      return { store, stop: async () => store.close() };
    },
    async (options) => {
      const directory = mkdtempSync(join(tmpdir(), "slipway-store-"));
      const open = () => openSqliteStore({ ...options, path: join(directory, "state.db") });
      let store = open();
      return {
        store,
        async reopen() {
          store.close();
          store = open();
          return store;
        },
        async stop() {
          store.close();
          rmSync(directory, { recursive: true });
        },
      };
    },
    60,
  );
});
