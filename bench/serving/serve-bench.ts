import type { BenchOptions } from "../load/options.ts";
import type { RivalServers } from "./rival-servers.ts";
import type { SlipwayServers } from "./slipway-server.ts";

/** What every part of `bench serve` needs. */
export interface ServeBench {
  readonly options: BenchOptions;
  readonly slipway: SlipwayServers;
  readonly rivals: RivalServers;
  /** A folder for its files, removed at the end. */
  readonly scratch: string;
}
