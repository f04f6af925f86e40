/** Caps on what may become a bundle, checked while walking and again when a bundle is opened. */
export interface BundleLimits {
  /** Files in one bundle. */
  readonly files: number;
  /** Files of its environment, which come on top. */
  readonly environmentFiles: number;
  /** Folders inside folders. */
  readonly depth: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files together. */
  readonly totalBytes: number;
  /** Bytes of one golden sample: they are read whole. */
  readonly sampleBytes: number;
}

/** Large enough for the models of today, small enough that a mistaken directory (a home, a data set) is refused early. */
export const defaultBundleLimits: BundleLimits = {
  files: 10_000,
  environmentFiles: 60_000,
  depth: 16,
  fileBytes: 256 * 2 ** 30,
  totalBytes: 1024 * 2 ** 30,
  sampleBytes: 16 * 2 ** 20,
};
