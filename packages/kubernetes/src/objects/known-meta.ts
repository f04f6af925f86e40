/** `metadata` of an object that is kept: what tells it from others, and its labels. */
export interface KnownMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What is kept of `metadata` as it came: caches hold thousands of them. */
export function knownMeta({ name, namespace, uid, resourceVersion, labels }: KnownMeta): KnownMeta {
  return {
    name,
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
    ...(labels && { labels }),
  };
}
