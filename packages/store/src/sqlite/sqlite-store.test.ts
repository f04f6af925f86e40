import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeSuite } from "@slipway/testkit";
import { openSqliteStore } from "../open-store.ts";

storeSuite("sqlite", async (options) => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-store-"));
  const store = openSqliteStore({ ...options, path: join(directory, "state.db") });
  return {
    store,
    stop: async () => {
      store.close();
      rmSync(directory, { recursive: true });
    },
  };
});
