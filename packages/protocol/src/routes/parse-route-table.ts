import { type FieldProblem, SlipwayError } from "@slipway/base";
import { parseReplicaAddress } from "./replica-address.ts";
import type { ModelRoute, ReplicaRoute, RevisionRoute, RouteTable } from "./route-table.ts";

/** The routing table in a value that came from another process, with nothing else in it. Throws `invalid` with every problem. */
export function parseRouteTable(value: unknown): RouteTable {
  const problems: FieldProblem[] = [];
  const table = readTable(value, problems);
  if (problems.length > 0) throw new SlipwayError("invalid", "The routing table is malformed.", { problems });
  return table;
}

function readTable(value: unknown, problems: FieldProblem[]): RouteTable {
  const fields = record(value, "table", problems);
  const models = list(fields.models, "models", problems).map((model, index) => readModel(model, `models[${index}]`, problems));
  unique(models, (model) => `${model.namespace}/${model.name}`, "models", problems);
  return { generation: wholeNumber(fields.generation, Number.MAX_SAFE_INTEGER, "generation", problems), models };
}

function readModel(value: unknown, path: string, problems: FieldProblem[]): ModelRoute {
  const fields = record(value, path, problems);
  const revisions = list(fields.revisions, `${path}.revisions`, problems).map((revision, index) =>
    readRevision(revision, `${path}.revisions[${index}]`, problems),
  );
  unique(revisions, (revision) => revision.name, `${path}.revisions`, problems);
  const sum = revisions.reduce((total, revision) => total + revision.percent, 0);
  if (sum !== 0 && sum !== 100)
    invalid(problems, `${path}.revisions`, `the percents sum to ${sum}; 100 is expected, or 0 when none is ready`);
  return {
    namespace: name(fields.namespace, `${path}.namespace`, problems),
    name: name(fields.name, `${path}.name`, problems),
    revisions,
  };
}

function readRevision(value: unknown, path: string, problems: FieldProblem[]): RevisionRoute {
  const fields = record(value, path, problems);
  const replicas = list(fields.replicas, `${path}.replicas`, problems).map((replica, index) =>
    readReplica(replica, `${path}.replicas[${index}]`, problems),
  );
  unique(replicas, (replica) => replica.name, `${path}.replicas`, problems);
  return {
    name: name(fields.name, `${path}.name`, problems),
    percent: wholeNumber(fields.percent, 100, `${path}.percent`, problems),
    replicas,
  };
}

function readReplica(value: unknown, path: string, problems: FieldProblem[]): ReplicaRoute {
  const fields = record(value, path, problems);
  const address = text(fields.address, `${path}.address`, problems);
  if (parseReplicaAddress(address) === undefined) {
    invalid(problems, `${path}.address`, "must be an absolute path of at most 107 bytes, or tls://IP:PORT");
  }
  return { name: name(fields.name, `${path}.name`, problems), address };
}

function record(value: unknown, path: string, problems: FieldProblem[]): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  invalid(problems, path, "must be an object");
  return {};
}

function list(value: unknown, path: string, problems: FieldProblem[]): readonly unknown[] {
  if (Array.isArray(value)) return value;
  invalid(problems, path, "must be a list");
  return [];
}

function text(value: unknown, path: string, problems: FieldProblem[]): string {
  if (typeof value === "string") return value;
  invalid(problems, path, "must be a text");
  return "";
}

function name(value: unknown, path: string, problems: FieldProblem[]): string {
  const read = text(value, path, problems);
  // Frames carry names after a length of one byte.
  if (read.length === 0 || Buffer.byteLength(read) > 253) invalid(problems, path, "must have 1 to 253 bytes");
  return read;
}

function wholeNumber(value: unknown, most: number, path: string, problems: FieldProblem[]): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  invalid(problems, path, `must be a whole number from 0 to ${most}`);
  return 0;
}

function unique<T>(items: readonly T[], key: (item: T) => string, path: string, problems: FieldProblem[]): void {
  const seen = new Set<string>();
  items.forEach((item, index) => {
    if (seen.has(key(item)))
      problems.push({ path: `${path}[${index}]`, message: `${key(item)} is there twice`, reason: "FieldValueDuplicate" });
    seen.add(key(item));
  });
}

function invalid(problems: FieldProblem[], path: string, message: string): void {
  problems.push({ path, message, reason: "FieldValueInvalid" });
}
