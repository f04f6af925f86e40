import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { InferRequest, ModelSignature } from "@slipway/protocol";
import type { BatchReply, DimensionNames, ModelRunner } from "../model-runner.ts";
import { RequestBlocks } from "../request-blocks.ts";
import { runFailure } from "../run-failure.ts";
import type { PythonProcess } from "./python-process.ts";

/** A process that ends this often within this many milliseconds is no accident. */
const mostEnds = 5;
const endsWithinMs = 60_000;

/** What a {@link PythonRunner} is made of. */
export interface PythonRunnerParts {
  readonly signature: ModelSignature;
  readonly dimensions: DimensionNames;
  readonly platform: string;
  /** Loaded and told the signature. */
  readonly processes: readonly PythonProcess[];
  /** Blocks that each of them runs at once. */
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** Another one, loaded and told the signature. */
  readonly start: () => Promise<PythonProcess>;
  /** Frees what the processes shared. */
  readonly release: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Slot {
  process: Promise<PythonProcess>;
  busy: number;
}

/** A Python model in processes of its own. One that ends, or is ended because a run took too long, fails the requests it had and is replaced. */
export class PythonRunner implements ModelRunner {
  readonly signature: ModelSignature;
  readonly dimensions: DimensionNames;
  readonly platform: string;
  readonly instances: number;
  readonly interruptible = true;
  readonly failed: Promise<SlipwayError>;
  private readonly parts: PythonRunnerParts;
  private readonly slots: readonly Slot[];
  private readonly blocks: RequestBlocks;
  private readonly fail: (error: SlipwayError) => void;
  private ends: number[] = [];
  private closing = false;

  constructor(parts: PythonRunnerParts) {
    this.parts = parts;
    this.signature = parts.signature;
    this.dimensions = parts.dimensions;
    this.platform = parts.platform;
    this.instances = parts.processes.length * parts.concurrency;
    this.blocks = new RequestBlocks(parts.signature, runFailure);
    const failed = Promise.withResolvers<SlipwayError>();
    this.failed = failed.promise;
    this.fail = failed.resolve;
    this.slots = parts.processes.map((process) => ({ process: Promise.resolve(process), busy: 0 }));
    for (const [index, process] of parts.processes.entries()) this.watch(this.slots[index]!, process);
  }

  async predict(batch: readonly InferRequest[], together: boolean, interrupt?: AbortSignal): Promise<BatchReply> {
    const slot = this.slots.reduce((least, other) => (other.busy < least.busy ? other : least));
    slot.busy += 1;
    try {
      const process = await slot.process;
      return await this.run(process, batch, together, interrupt);
    } finally {
      slot.busy -= 1;
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    const processes = await Promise.allSettled(this.slots.map(({ process }) => process));
    await Promise.all(processes.map((each) => (each.status === "fulfilled" ? each.value.close() : undefined)));
    this.parts.release();
  }

  private async run(
    process: PythonProcess,
    batch: readonly InferRequest[],
    together: boolean,
    interrupt: AbortSignal | undefined,
  ): Promise<BatchReply> {
    const { clock, timeoutMs } = this.parts;
    const began = clock.monotonic();
    const tooLong = (why: string) => () =>
      process.kill(
        new SlipwayError("timeout", `The model did not answer${why}; its process was ended.`, {
          hint: "It is started again. See what predict waits for, or raise the parameter predictTimeout.",
        }),
      );
    const cancel = clock.after(timeoutMs, tooLong(` within ${timeoutMs / 1000} s`));
    const stop = tooLong(" for so long that nobody waits any more");
    interrupt?.addEventListener("abort", stop);
    try {
      const block = await process.run(this.blocks.write(batch, together));
      block.holdsOutputs(batch.length);
      return this.blocks.read(block, batch);
    } catch (caught) {
      // The process is gone and with it these requests, but not the model.
      const error = SlipwayError.from(caught);
      return { runs: 1, replies: batch.map(() => ({ ms: clock.monotonic() - began, error })) };
    } finally {
      cancel();
      interrupt?.removeEventListener("abort", stop);
    }
  }

  private watch(slot: Slot, process: PythonProcess): void {
    void process.ended.then((reason) => {
      if (this.closing) return;
      const { clock, log, start } = this.parts;
      log.error("the model's process ended", { error: reason });
      const now = clock.monotonic();
      this.ends = [...this.ends.filter((at) => now - at < endsWithinMs), now];
      if (this.ends.length >= mostEnds) {
        const message = `The model's process ended ${mostEnds} times within a minute; the last time: ${reason.message}`;
        this.fail(new SlipwayError("internal", message, { cause: reason }));
        return;
      }
      slot.process = start();
      slot.process.then(
        (next) => {
          log.info("the model's process was replaced", { ms: Math.round(clock.monotonic() - now) });
          this.watch(slot, next);
        },
        (error) => this.fail(SlipwayError.from(error)),
      );
    });
  }
}
