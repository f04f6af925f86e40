/** `metadata` of an object that we write: only what we have an opinion about. */
export interface WrittenMeta {
  readonly name: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    readonly controller?: true;
    readonly blockOwnerDeletion?: true;
  }[];
}

/** A Kubernetes object as plain JSON, as it is sent in a server-side apply: every field in it is one we want to own. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: WrittenMeta;
  readonly [field: string]: unknown;
}
