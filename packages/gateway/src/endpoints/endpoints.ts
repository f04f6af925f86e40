/** One place where a replica of a revision is, or was a moment ago, as the cluster says. */
export interface Endpoint {
  /** Of the pod. */
  readonly name: string;
  /** As in routes: `tls://IP:PORT`. */
  readonly address: string;
  readonly ready: boolean;
  /** It was told to end. */
  readonly terminating: boolean;
}

/** What a cluster itself says about where replicas are: it knows before control that one ends, and goes on while control is away. */
export interface Endpoints {
  /** By `NAMESPACE/REVISION`; a revision that is not in it is not known. Another object whenever something changed. */
  readonly current: ReadonlyMap<string, readonly Endpoint[]>;
  /** Calls back after every change; returns how to stop. */
  onChange(listener: () => void): () => void;
}
