/** `short` in `npm test`; `full` in `npm run proof`. The code is the same, only the amounts differ. */
export const fullLength = process.env.SLIPWAY_TEST_LENGTH === "full";

/** The amount for this run. */
export function amount(short: number, full: number): number {
  return fullLength ? full : short;
}
