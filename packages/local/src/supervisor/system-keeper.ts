import { isDeepStrictEqual } from "node:util";
import { backoff, type Clock, type Log } from "@slipway/base";
import type { ProcessSpec } from "../host/process-spec.ts";
import type { ProcessTable } from "./process-table.ts";

/** How long a process of an older platform may take to end before its successor starts. */
const replaceGraceMs = 5_000;
const firstRestartMs = 200;
const mostRestartMs = 10_000;

/** Keeps the system processes running: adopts or starts each, and starts it again, ever more patiently, when it ends. */
export class SystemKeeper {
  private readonly specs: ReadonlyMap<string, ProcessSpec>;
  private readonly table: ProcessTable;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly pending = new Map<string, () => void>();
  private stopListening = () => {};
  private ended = false;

  constructor(specs: readonly ProcessSpec[], table: ProcessTable, clock: Clock, log: Log) {
    this.specs = new Map(specs.map((spec) => [spec.id, spec]));
    this.table = table;
    this.clock = clock;
    this.log = log;
  }

  /** Adopted processes with another command line than wanted, or not wanted at all, are replaced. Returns when all wanted ones are started. */
  async start(): Promise<void> {
    const strangers = this.table.all().filter(({ alive, spec }) => alive && spec.role !== "replica" && !this.isWanted(spec));
    for (const { spec } of strangers) this.table.stop(spec.id, replaceGraceMs);
    await this.table.whenEnded(strangers.map(({ spec }) => spec.id));
    for (const { spec } of strangers) this.table.forget(spec.id);
    if (this.ended) return;
    this.stopListening = this.table.onChange(({ id }) => this.look(id));
    for (const spec of this.specs.values()) this.table.start(spec);
  }

  /** From now on ended processes stay ended. */
  end(): void {
    this.ended = true;
    this.stopListening();
    for (const cancel of this.pending.values()) cancel();
    this.pending.clear();
  }

  private isWanted(spec: ProcessSpec): boolean {
    const wanted = this.specs.get(spec.id);
    return wanted !== undefined && isDeepStrictEqual(wanted.argv, spec.argv);
  }

  private look(id: string): void {
    const spec = this.specs.get(id);
    const process = this.table.get(id);
    if (spec === undefined || process === undefined || process.alive || this.pending.has(id)) return;
    const waitMs = backoff(process.predecessor.restarts, firstRestartMs, mostRestartMs);
    this.log.warn("a system process ended and is started again", { process: id, waitMs });
    const cancel = this.clock.after(waitMs, () => {
      this.pending.delete(id);
      this.table.start(spec);
    });
    this.pending.set(id, cancel);
  }
}
