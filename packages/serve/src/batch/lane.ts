import type { SlipwayError } from "@slipway/base";
import type { InferRequest, Tensor } from "@slipway/protocol";
import { ArrivalRate } from "./arrival-rate.ts";
import type { Caller } from "./caller.ts";
import type { Queued } from "./choose-batch.ts";
import { RunTimes } from "./run-times.ts";

/** A request that waits for the model. */
export interface Waiting extends Queued {
  readonly request: InferRequest;
  readonly caller: Caller;
  readonly bytes: number;
  /** On the clock's monotonic scale. */
  readonly arrivedAt: number;
  /** Position among all that ever came. */
  readonly order: number;
  readonly resolve: (outputs: readonly Tensor[]) => void;
  readonly reject: (error: SlipwayError) => void;
}

/** Requests that may be handed to the model together, in the order of their arrival, and what is known of their runs. */
export interface Lane {
  readonly key: string;
  /** Whether they go through the model as one. */
  readonly together: boolean;
  /** Largest sum of sizes. */
  readonly most: number;
  waiting: Waiting[];
  readonly times: RunTimes;
  /** Rows that come per millisecond; counted where a latency objective asks for it. */
  readonly rate: ArrivalRate;
  /** Bytes of the outputs of one row, the most that was seen. */
  outputBytes: number;
  /** Runs since a larger batch than seemed best was tried. */
  sinceTrial: number;
}

/** Lanes that are empty are kept for what they know, but not without end: a model may take any number of shapes. */
const keptLanes = 64;

/** The lanes of a model, by their keys. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly memoryMs: number;

  /** `memoryMs`: how far back arrivals count, milliseconds. */
  constructor(memoryMs: number) {
    this.memoryMs = memoryMs;
  }

  /** The lane of a key, made when there is none. */
  of(key: string, together: boolean, most: number): Lane {
    const known = this.lanes.get(key);
    if (known !== undefined) return known;
    if (this.lanes.size >= keptLanes) this.forget();
    const lane: Lane = {
      key,
      together,
      most,
      waiting: [],
      times: new RunTimes(),
      rate: new ArrivalRate(this.memoryMs),
      outputBytes: 0,
      sinceTrial: 0,
    };
    this.lanes.set(key, lane);
    return lane;
  }

  /** The one whose first request has waited longest: no shape starves behind others. */
  next(): Lane | undefined {
    let found: Lane | undefined;
    for (const lane of this.lanes.values()) {
      const first = lane.waiting[0];
      if (first !== undefined && (found === undefined || first.order < found.waiting[0]!.order)) found = lane;
    }
    return found;
  }

  all(): Iterable<Lane> {
    return this.lanes.values();
  }

  private forget(): void {
    for (const [key, lane] of this.lanes) {
      if (lane.waiting.length > 0) continue;
      this.lanes.delete(key);
      return;
    }
  }
}
