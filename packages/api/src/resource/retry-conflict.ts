import { SlipwayError } from "@slipway/base";

/** As the Kubernetes API server: a writer that named no version should not lose a race it does not know of. */
const attempts = 5;

/** Repeats a read-modify-write that lost a race. Conflicts over fields another manager owns are not races. */
export async function retryConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (caught) {
      const error = SlipwayError.from(caught);
      const race = (error.code === "conflict" && error.problems.length === 0) || error.code === "alreadyExists";
      if (!race || attempt === attempts) throw caught;
    }
  }
}
