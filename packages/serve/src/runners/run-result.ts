/**
 * A block of requests, see `tensor-block.ts`: the count of parts; for each part the count of its requests, the rows of each, the count of wanted outputs, the index of each, then each input with the rows of all its requests.
 * A block of replies: for each reply the count of requests it is for, how it ended, its milliseconds, then the outputs or a text; when
 * all requests have theirs, how often the model ran.
 */
export const runResult = {
  /** Followed by the outputs. */
  done: 0,
  /** Followed by what the model, or what runs it, says of its failure. */
  failed: 1,
  /** Followed by what is wrong with the outputs. */
  badOutput: 2,
} as const;
