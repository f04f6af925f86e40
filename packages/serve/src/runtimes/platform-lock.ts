/** A lock file of npm, version 3. */
export interface NpmLock {
  readonly name: string;
  readonly version: string;
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, NpmLockEntry>>;
}

/** One package of a lock file, or, under the empty name, what is installed. */
export interface NpmLockEntry {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly optional?: boolean;
}

/**
 * The part of a lock for one machine, and the manifest that it belongs to: of all packages with native parts, which are optional, only `native`
 * is one that must be there. What a library offers beside it, such as CUDA's part, is left out with `npm ci --omit=optional`.
 */
export function platformLock(
  lock: NpmLock,
  native: string,
): { readonly manifest: Readonly<Record<string, unknown>>; readonly lock: NpmLock } {
  const { "": root = {}, ...packages } = lock.packages;
  const version = root.optionalDependencies?.[native];
  const place = `node_modules/${native}`;
  const { optional: _, ...entry } = packages[place] ?? {};
  if (version === undefined) throw new Error(`The lock has no ${native}.`);
  const dependencies = { ...root.dependencies, [native]: version };
  const { name } = lock;
  return {
    manifest: { name, version: lock.version, private: true, dependencies },
    lock: { ...lock, packages: { "": { dependencies }, ...packages, [place]: entry } },
  };
}
