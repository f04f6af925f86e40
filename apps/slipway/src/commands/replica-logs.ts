import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "@slipway/base";
import { locateHome, readLog } from "@slipway/local";
import { dnsLabelProblem } from "@slipway/spec";
import type { CliContext } from "./context.ts";

/** Which log lines are wanted. */
export interface LogQuery {
  readonly home: string;
  readonly namespace: string;
  readonly model: string;
  /** Only this replica; absent = all of the model. */
  readonly replica?: string;
  /** The last so many lines of each replica; absent = all that is kept. */
  readonly tail?: number;
  /** Goes on with what is written from now on, by replicas that start later, too, until the signal aborts. */
  readonly follow: boolean;
}

/** How often to look for the logs of new replicas while following, in milliseconds. */
const lookMs = 500;

/** Gives each line of a model's replicas, in the order in which each replica wrote them. `notFound` when there is no log and nothing is to be awaited. */
export async function readReplicaLogs(
  context: CliContext,
  query: LogQuery,
  print: (replica: string, line: string) => void,
): Promise<void> {
  const { signal, clock } = context;
  // The namespace names a directory.
  const wrong = dnsLabelProblem(query.namespace);
  if (wrong !== undefined)
    throw new SlipwayError("usage", `--namespace ${JSON.stringify(query.namespace)} is not a name: ${wrong}.`);
  const { logs } = await locateHome(query.home, { runtimeParent: context.env.XDG_RUNTIME_DIR ?? "" });
  const directory = join(logs, query.namespace);
  const tail = query.tail === undefined ? {} : { tail: query.tail };
  const read = async (replica: string, options: { tail?: number; follow: boolean }) => {
    for await (const line of readLog({ path: join(directory, `${replica}.log`), ...options, clock, signal }))
      print(replica, line);
  };
  let found = await replicaLogs(directory, query);
  if (found.length === 0) {
    const what = query.replica === undefined ? `model ${query.model}` : `replica ${query.replica}`;
    const hint = "`slipway get replicas` lists the replicas there are; logs of those that are gone are kept for a week.";
    if (!query.follow || query.replica !== undefined)
      throw new SlipwayError("notFound", `There is no log of ${what} in namespace ${query.namespace}.`, { hint });
    context.stderr.write(`There is no log of ${what} in namespace ${query.namespace} yet; waiting for one.\n`);
  }
  if (!query.follow) {
    for (const replica of found) await read(replica, { ...tail, follow: false });
    return;
  }
  const followed = new Map<string, Promise<void>>();
  let options: { tail?: number; follow: boolean } = { ...tail, follow: true };
  while (!signal.aborted) {
    for (const replica of found) if (!followed.has(replica)) followed.set(replica, read(replica, options));
    // A log that appears later is read from its beginning.
    options = { follow: true };
    await Promise.race([clock.sleep(lookMs, signal).catch(() => {}), failure(followed.values())]);
    found = await replicaLogs(directory, query);
  }
  await Promise.all(followed.values());
}

/** Rejects when one of the readers does; never resolves. */
function failure(readers: Iterable<Promise<void>>): Promise<never> {
  return Promise.race([...readers].map((reader) => reader.then(() => new Promise<never>(() => {}))));
}

/** Replicas that have a log: `MODEL-REVISION-ORDINAL`, where the revision is ten hexadecimal digits. */
async function replicaLogs(directory: string, query: LogQuery): Promise<string[]> {
  const names = await readdir(directory).catch((caught: NodeJS.ErrnoException) => {
    if (caught.code === "ENOENT") return [];
    throw caught;
  });
  return names
    .filter((name) => name.endsWith(".log"))
    .map((name) => name.slice(0, -".log".length))
    .filter((name) => /^-[0-9a-f]{10}-\d+$/.test(name.slice(query.model.length)) && name.startsWith(query.model))
    .filter((name) => query.replica === undefined || name === query.replica)
    .sort();
}
