/** The value at a path of names and indexes; undefined where there is none. */
export function at<T = unknown>(value: unknown, ...path: readonly (string | number)[]): T {
  return path.reduce<unknown>((node, step) => (node as Record<string | number, unknown> | undefined)?.[step], value) as T;
}
