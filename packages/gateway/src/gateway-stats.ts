/** What a gateway has done since it started: every count only grows. Tests read from it that a fault happened. */
export interface GatewayCounters {
  /** Requests for a model that were let in. */
  requests: number;
  /** Answers of replicas sent whole. */
  answered: number;
  /** Requests sent once more because the replica that may have begun them was lost or stalled. */
  retried: number;
  /** Requests sent elsewhere because a replica refused them unbegun. */
  redirected: number;
  /** Requests that had to wait for a replica. */
  held: number;
  /** Requests refused because too many waited. */
  overflowed: number;
  /** Requests whose client left first. */
  cancelled: number;
  /** Requests that met their deadline. */
  timedOut: number;
  /** Answers broken off after their first byte. */
  brokenOff: number;
  /** Connections to replicas that were lost. */
  lostConnections: number;
  /** Times a replica left rotation because it did not answer pings, and times one came back. */
  ejected: number;
  readmitted: number;
}

/** Counters and the present. */
export interface GatewayStats extends Readonly<GatewayCounters> {
  /** Requests under way, waiting ones included. */
  readonly inflight: number;
  /** Requests that wait for a replica now. */
  readonly waiting: number;
  /** Bodies of requests kept in memory now, in bytes. */
  readonly keptBytes: number;
  readonly replicas: readonly { readonly name: string; readonly ready: boolean; readonly inflight: number }[];
  /** Generation of the table in force; undefined before the first. */
  readonly generation: number | undefined;
  /** Wall-clock time in milliseconds since control has been away; undefined while it is connected. */
  readonly staleSince: number | undefined;
}

/** All zero. */
export function newCounters(): GatewayCounters {
  return {
    requests: 0,
    answered: 0,
    retried: 0,
    redirected: 0,
    held: 0,
    overflowed: 0,
    cancelled: 0,
    timedOut: 0,
    brokenOff: 0,
    lostConnections: 0,
    ejected: 0,
    readmitted: 0,
  };
}
