import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@slipway/base";
import { ended } from "./control-plane.ts";

/** How long kubelet, too, would wait. */
const restartMs = 1_000;

/** An operator of this checkout, as a process of its own; one that ends is started again, as kubelet does it. */
export class FleetOperator {
  /** How often it ended: an operator that cannot renew its lease in time does. */
  restarts = 0;
  private child: ChildProcess;
  private closing = false;
  private readonly kubeconfig: string;
  private readonly name: string;
  private readonly log: string;

  constructor(kubeconfig: string, name: string) {
    this.kubeconfig = kubeconfig;
    this.name = name;
    this.log = `${kubeconfig}.${name}.log`;
    this.child = this.start();
  }

  private start(): ChildProcess {
    const log = openSync(this.log, "a");
    const program = join(import.meta.dirname, "operator-process.ts");
    const child = spawn(process.execPath, [program, this.kubeconfig, this.name], { stdio: ["ignore", log, log] });
    closeSync(log);
    child.on("exit", () => {
      if (this.closing) return;
      this.restarts += 1;
      systemClock.after(restartMs, () => {
        if (!this.closing) this.child = this.start();
      });
    });
    return child;
  }

  /** Resident memory in MiB: now, and at most so far. */
  memory(): { readonly now: number; readonly most: number } {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    const mebibytes = (field: string) => Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)![1]) / 1024);
    return { now: mebibytes("VmRSS"), most: mebibytes("VmHWM") };
  }

  /** Seconds of processor time that it has used. */
  processorSeconds(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The end of its log. */
  lastLines(): string {
    return readFileSync(this.log, "utf8").split("\n").slice(-20).join("\n");
  }

  close(): Promise<void> {
    this.closing = true;
    return ended(this.child);
  }
}
