import { join } from "node:path";
import { PinnedProcess } from "../load/pinned-process.ts";

/** What `seconds` of a bare loop gave. */
export interface LoopResult {
  readonly requestsPerSecond: number;
  readonly leastMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** onnxruntime-node in a loop on the servers' core, in a process of its own. */
export class BareLoop {
  readonly process: PinnedProcess;

  private constructor(process: PinnedProcess) {
    this.process = process;
  }

  static async start(file: string): Promise<BareLoop> {
    const started = PinnedProcess.start([process.execPath, join(import.meta.dirname, "..", "servers", "bare-loop.ts"), file]);
    await started.line();
    return new BareLoop(started);
  }

  /** Loads, runs for so long, ends. */
  static async once(file: string, shape: readonly number[], seconds: number): Promise<LoopResult> {
    const loop = await BareLoop.start(file);
    try {
      return await loop.run(shape, seconds);
    } finally {
      await loop.process.stop();
    }
  }

  async run(shape: readonly number[], seconds: number): Promise<LoopResult> {
    return JSON.parse(await this.process.ask(JSON.stringify({ shape, seconds }))) as LoopResult;
  }
}
