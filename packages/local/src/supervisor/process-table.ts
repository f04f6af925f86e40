import { isDeepStrictEqual } from "node:util";
import type { ChildMessage, Hello } from "../channel/messages.ts";
import type { ProcessChange } from "../host/process-host.ts";
import type { ProcessSpec } from "../host/process-spec.ts";
import type { ProcessStatus } from "../host/process-status.ts";
import { killEverything } from "../processes/end-processes.ts";
import { isAlive } from "../processes/process-identity.ts";
import { ManagedProcess } from "./managed-process.ts";
import type { ProcessTools } from "./process-tools.ts";

/** All processes of one supervisor by id, exited ones until they are forgotten. */
export class ProcessTable {
  private readonly tools: ProcessTools;
  private readonly processes = new Map<string, ManagedProcess>();
  private readonly listeners = new Set<(change: ProcessChange) => void>();

  constructor(tools: ProcessTools) {
    this.tools = tools;
  }

  /** Calls back after every change of a process; returns how to stop. */
  onChange(listener: (change: ProcessChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get(id: string): ManagedProcess | undefined {
    return this.processes.get(id);
  }

  all(): readonly ManagedProcess[] {
    return [...this.processes.values()];
  }

  /** The processes with all of these labels. */
  list(labels: Readonly<Record<string, string>> = {}): ProcessStatus[] {
    const wanted = Object.entries(labels);
    return this.all()
      .filter(({ spec }) => wanted.every(([name, value]) => spec.labels[name] === value))
      .map((process) => process.status());
  }

  /** Does nothing when a process of this id is alive. */
  start(spec: ProcessSpec): void {
    const before = this.processes.get(spec.id);
    if (before?.alive === true) return;
    // With other labels it is another thing of the same name, which inherits nothing.
    const same = before !== undefined && isDeepStrictEqual(before.spec.labels, spec.labels);
    const predecessor = same ? before.predecessor : { restarts: 0 };
    this.put(ManagedProcess.start(spec, predecessor, this.tools, () => this.changed(spec)));
  }

  stop(id: string, graceMs: number): void {
    this.processes.get(id)?.stop(graceMs);
  }

  forget(id: string): void {
    const process = this.processes.get(id);
    if (process === undefined || process.alive) return;
    this.processes.delete(id);
    this.changed(process.spec);
  }

  /** A child said who it is. Returns what its further messages go to; undefined when it has no business here, and then it is killed. */
  hello(hello: Hello): ((message: ChildMessage) => void) | undefined {
    const process = this.known(hello) ?? this.adopt(hello);
    if (process === undefined) return undefined;
    process.heard();
    if (hello.report !== undefined) process.report(hello.report);
    return (message) => {
      process.heard();
      if (message.type === "report") process.report(message.report);
    };
  }

  /** Resolves when no process of these ids is alive. */
  async whenEnded(ids: readonly string[]): Promise<void> {
    const alive = () => ids.some((id) => this.processes.get(id)?.alive === true);
    await new Promise<void>((resolve) => {
      if (!alive()) {
        resolve();
        return;
      }
      const stop = this.onChange(() => {
        if (alive()) return;
        stop();
        resolve();
      });
    });
  }

  private known(hello: Hello): ManagedProcess | undefined {
    const process = this.processes.get(hello.ticket.spec.id);
    return process?.alive === true && process.pid === hello.pid ? process : undefined;
  }

  private adopt(hello: Hello): ManagedProcess | undefined {
    const { spec, nonce } = hello.ticket;
    if (!isAlive(hello.pid, hello.startTime)) return undefined;
    if (this.processes.get(spec.id)?.alive === true) {
      // Another process does its work already: two of one name must not be.
      killEverything(hello.pid, nonce);
      return undefined;
    }
    this.tools.log.info("adopted a process of the supervisor before", { process: spec.id, pid: hello.pid });
    return this.put(ManagedProcess.adopt(hello, this.tools, () => this.changed(spec)));
  }

  private put(process: ManagedProcess): ManagedProcess {
    this.processes.set(process.spec.id, process);
    this.changed(process.spec);
    return process;
  }

  private changed({ id, labels }: ProcessSpec): void {
    for (const listener of this.listeners) listener({ id, labels });
  }
}
