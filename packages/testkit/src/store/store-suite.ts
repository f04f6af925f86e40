import { describe } from "node:test";
import type { VirtualClock } from "@slipway/base";
import type { LocalStore } from "@slipway/store";
import { applyingSuite } from "./applying-suite.ts";
import { collectingSuite } from "./collecting-suite.ts";
import { namespacesSuite } from "./namespaces-suite.ts";
import { removingSuite } from "./removing-suite.ts";
import { watchingSuite } from "./watching-suite.ts";
import { writingSuite } from "./writing-suite.ts";

/** A store under test; `stop` releases what it holds. */
export interface StoreUnderTest {
  readonly store: LocalStore;
  stop(): Promise<void>;
}

/** Makes an empty store that runs on this clock. */
export type StoreFactory = (options: {
  clock: VirtualClock;
  historyLimit?: number;
  uid?: () => string;
}) => Promise<StoreUnderTest>;

/** Everything that is promised of a `Store`, run against one implementation. */
export function storeSuite(name: string, factory: StoreFactory): void {
  describe(`store: ${name}`, () => {
    writingSuite(factory);
    applyingSuite(factory);
    removingSuite(factory);
    namespacesSuite(factory);
    watchingSuite(factory);
    collectingSuite(factory);
  });
}
