import { SlipwayError } from "../errors/slipway-error.ts";
import type { ByteBudget } from "./byte-budget.ts";

/** What one request holds of a budget that all share; without one there is no bound. */
export class HeldBytes {
  private readonly budget: ByteBudget | undefined;
  private bytes = 0;

  constructor(budget: ByteBudget | undefined) {
    this.budget = budget;
  }

  /** Holds more. Throws `unavailable` when there is no room. */
  readonly hold = (bytes: number): void => {
    if (this.budget?.take(bytes) === false) {
      throw new SlipwayError("unavailable", "There are too many large requests under way to take in this one.", {
        retryAfter: 1,
        hint: "Try again, or send less at once.",
      });
    }
    this.bytes += bytes;
  };

  /** Gives all of it back. */
  release(): void {
    this.budget?.give(this.bytes);
    this.bytes = 0;
  }
}
