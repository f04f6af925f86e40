import { join } from "node:path";
import { PinnedProcess } from "../load/pinned-process.ts";
import type { LoopResult } from "../models/bare-loop.ts";

/** A Python model's `predict` in a loop, on the servers' core, in a process of its own with the packages of its bundle. */
export class PythonLoop {
  readonly name = "Python loop";
  readonly process: PinnedProcess;

  constructor(python: string, site: string, model: string) {
    const env = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
    this.process = PinnedProcess.start([python, "-I", join(import.meta.dirname, "loop.py"), site, model], { env });
  }

  /** The `work` that takes so many milliseconds on this machine. */
  async calibrate(targetMs: number): Promise<number> {
    return (JSON.parse(await this.process.ask(JSON.stringify({ targetMs }))) as { work: number }).work;
  }

  async run(shape: readonly number[], seconds: number): Promise<LoopResult> {
    return JSON.parse(await this.process.ask(JSON.stringify({ shape, seconds }))) as LoopResult;
  }
}
