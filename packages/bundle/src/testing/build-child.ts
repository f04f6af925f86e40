// A process of its own for tests: builds MODEL into STORE, once with `once` (prints the digest), else again and again until it is killed.
import { argv, stdout, umask } from "node:process";
import { systemClock } from "@slipway/base";
import { BundleStore } from "../layout/bundle-store.ts";

const [, , store, model, mode, mask] = argv as [string, string, string, string, string, string?];
if (mask !== undefined) umask(Number.parseInt(mask, 8));
const bundles = new BundleStore(store, { clock: systemClock });
do {
  const { digest } = await bundles.build(model, { reuse: false });
  await bundles.materialize(digest);
  stdout.write(`${digest}\n`);
} while (mode !== "once");
