/** One sequence's place in the common steps. */
export interface StepMember {
  /** Resolves when everybody who works has ended its step: all that wait begin the next one together. */
  arrive(): Promise<void>;
  /** It takes no more steps. Idempotent. */
  leave(): void;
}

/**
 * Keeps sequences in step. llama.cpp reads all weights for each step, whatever number of sequences shares it; sequences that once began at
 * different times would otherwise take turns for good, each with a step of its own.
 */
export class StepBarrier {
  private working = 0;
  private waiting: (() => void)[] = [];

  join(): StepMember {
    let works = false;
    const rest = () => {
      if (works) this.working -= 1;
      works = false;
    };
    return {
      arrive: () => {
        rest();
        const { promise, resolve } = Promise.withResolvers<void>();
        this.waiting.push(() => {
          works = true;
          resolve();
        });
        this.release();
        return promise;
      },
      leave: () => {
        rest();
        this.release();
      },
    };
  }

  private release(): void {
    if (this.working > 0 || this.waiting.length === 0) return;
    const begin = this.waiting;
    this.waiting = [];
    this.working = begin.length;
    for (const go of begin) go();
  }
}
