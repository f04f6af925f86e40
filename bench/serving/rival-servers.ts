import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../load/free-ports.ts";
import type { Row } from "../load/table.ts";
import type { BenchModel } from "../models/models.ts";
import type { Rival } from "../rivals/rival.ts";
import { rivals } from "../rivals/rivals.ts";
import type { StartedServer } from "./server.ts";

/** The rivals that this machine can have. */
export class RivalServers {
  readonly available: readonly Rival[];
  /** Those it cannot, and why. */
  readonly missing: readonly Row[];
  private readonly scratch: string;
  private started = 0;

  private constructor(available: readonly Rival[], missing: readonly Row[], scratch: string) {
    this.available = available;
    this.missing = missing;
    this.scratch = scratch;
  }

  /** Installs them; `wanted` says which. */
  static async install(wanted: (rival: string) => boolean, scratch: string): Promise<RivalServers> {
    const available: Rival[] = [];
    const missing: Row[] = [];
    for (const rival of rivals) {
      try {
        if (!wanted(rival.name)) throw new Error("left out of this run");
        await rival.prepare();
        available.push(rival);
      } catch (error) {
        missing.push({ server: rival.name, version: rival.version, "not measured because": (error as Error).message });
      }
    }
    return new RivalServers(available, missing, scratch);
  }

  async start(rival: Rival, model: BenchModel): Promise<StartedServer> {
    const [port, sparePort] = (await freePorts(2)) as [number, number];
    this.started += 1;
    const folder = join(this.scratch, String(this.started));
    mkdirSync(folder);
    const process = rival.start({ model: model.file, port, sparePort, folder });
    return { ...rival, process, origin: `http://127.0.0.1:${port}` };
  }
}
