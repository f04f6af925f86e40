/** Where every known model's requests go: what control publishes and gateways follow. */
export interface RouteTable {
  /** Grows with every change for as long as the publisher lives. */
  readonly generation: number;
  readonly models: readonly ModelRoute[];
}

/** The revisions of one model and their shares of its traffic. */
export interface ModelRoute {
  readonly namespace: string;
  readonly name: string;
  readonly revisions: readonly RevisionRoute[];
}

/** One revision: reached by its share, or by its name in the path whatever its share is. */
export interface RevisionRoute {
  readonly name: string;
  /** Whole percent, 0..100. The shares of a model sum to 100; a model without revisions, or with only zeros, is known but not ready. */
  readonly percent: number;
  readonly replicas: readonly ReplicaRoute[];
}

/** One replica that may receive requests. */
export interface ReplicaRoute {
  readonly name: string;
  /** Where it serves frames: the path of a Unix socket, or `tls://IP:PORT`. */
  readonly address: string;
}
