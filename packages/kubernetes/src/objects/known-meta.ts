/** `metadata` of an object that is kept: what tells it from others, and its labels. */
export interface KnownMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** {@link KnownMeta} of an object in a namespace, as an API server has it. */
export interface StoredMeta extends KnownMeta {
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What is kept of `metadata` as it came: caches hold thousands of them. */
export function knownMeta<T extends KnownMeta>(metadata: T): Pick<T, keyof KnownMeta> {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, labels } = metadata;
  return {
    name,
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
    ...(deletionTimestamp && { deletionTimestamp }),
    ...(labels && { labels }),
  } as Pick<T, keyof KnownMeta>;
}
