import { SlipwayError } from "@slipway/base";

/** A change with the version at which it was made. */
interface Versioned {
  readonly version: string;
}

/** The newest changes of one kind in order. Followers keep only their place in it: a slow one costs no memory, and one that falls behind what is kept gets `expired`. */
export class ChangeLog<C extends Versioned> {
  private readonly most: number;
  private entries: C[] = [];
  /** How many changes were dropped before the first of {@link entries}. */
  private dropped = 0;
  /** Changes up to this version may be missing. */
  private compacted = 0n;
  private readonly waiting = new Set<() => void>();

  constructor(most = 8_192) {
    this.most = most;
  }

  /** From here on changes are known without a gap; none before. */
  begin(version: string): void {
    this.dropped += this.entries.length;
    this.entries = [];
    this.compacted = BigInt(version);
  }

  append(change: C): void {
    this.entries.push(change);
    // In large steps: to shift an array of thousands with every change would cost more than the changes do.
    if (this.entries.length >= 2 * this.most) {
      const gone = this.entries.splice(0, this.entries.length - this.most);
      this.dropped += gone.length;
      this.compacted = BigInt(gone.at(-1)!.version);
    }
    for (const wake of [...this.waiting]) wake();
  }

  /** Every change after a version, in order, until the signal aborts. */
  async *follow(from: string, signal: AbortSignal): AsyncGenerator<C, void, undefined> {
    const after = BigInt(from);
    if (after < this.compacted) throw expired(from);
    const found = this.entries.findIndex((change) => BigInt(change.version) > after);
    let at = this.dropped + (found === -1 ? this.entries.length : found);
    while (!signal.aborted) {
      if (at < this.dropped) throw expired(from);
      const change = this.entries[at - this.dropped];
      if (change === undefined) await this.grown(signal);
      else {
        at += 1;
        yield change;
      }
    }
  }

  private grown(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}

function expired(from: string): SlipwayError {
  return new SlipwayError("expired", `too old resource version: ${from}`, {
    hint: "List again, and watch from the version of that list.",
  });
}
