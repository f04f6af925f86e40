import type { Instant } from "@slipway/base";
import { type Column, humanDuration, type Kind, kinds, type Resource } from "@slipway/spec";
import { table } from "./table.ts";

/** How to show objects of one kind as a table. */
export interface TableOptions {
  readonly wide: boolean;
  /** A first column with the namespace. */
  readonly withNamespace: boolean;
  /** A line of column names first. */
  readonly withHeader: boolean;
  readonly now: Instant;
}

/** Objects of one kind as `kubectl get` shows them. */
export function resourceTable<K extends Kind>(kind: K, resources: readonly Resource<K>[], options: TableOptions): string {
  const info = kinds[kind];
  const columns = (info.columns as readonly Column<K>[]).filter((column) => options.wide || column.priority === 0);
  const withNamespace = options.withNamespace && info.namespaced;
  const header = columns.map((column) => column.name.toUpperCase());
  const rows = resources.map((resource) => columns.map((column) => String(column.value(resource, options.now))));
  return print(
    withNamespace ? ["NAMESPACE", ...header] : header,
    withNamespace ? rows.map((row, index) => [resources[index]?.metadata.namespace ?? "", ...row]) : rows,
    options.withHeader,
  );
}

/** One replica of a Model, as `get replicas -o json` prints it: a Kubernetes-style object with the facts that scripts want on top. */
export interface Replica {
  readonly apiVersion: string;
  readonly kind: "Replica";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly model: string;
  readonly revision: string;
  readonly state: string;
  readonly pid?: number;
  readonly startedAt?: string;
  readonly restarts: number;
  readonly message?: string;
  readonly limits?: string;
}

/** Replicas as a table. */
export function replicaTable(replicas: readonly Replica[], options: TableOptions): string {
  const header = ["NAME", "MODEL", "REVISION", "STATE", "PID", "RESTARTS", "AGE", ...(options.wide ? ["LIMITS", "MESSAGE"] : [])];
  const rows = replicas.map((replica) => [
    replica.metadata.name,
    replica.model,
    replica.revision,
    replica.state,
    replica.pid === undefined ? "-" : String(replica.pid),
    String(replica.restarts),
    replica.startedAt === undefined ? "-" : humanDuration(options.now - Date.parse(replica.startedAt)),
    ...(options.wide ? [replica.limits ?? "-", replica.message ?? "-"] : []),
  ]);
  return print(
    options.withNamespace ? ["NAMESPACE", ...header] : header,
    options.withNamespace ? rows.map((row, index) => [replicas[index]?.metadata.namespace ?? "", ...row]) : rows,
    options.withHeader,
  );
}

function print(header: readonly string[], rows: readonly (readonly string[])[], withHeader: boolean): string {
  const text = table(header, rows);
  return withHeader ? text : text.slice(text.indexOf("\n") + 1);
}
