import type { Clock, Log } from "@slipway/base";
import type { HomeLock } from "../home/home-lock.ts";
import type { HomePaths } from "../home/home-paths.ts";
import { homeProblem } from "../home/home-problem.ts";
import { sweepRuntimeDirectory } from "../home/runtime-directory.ts";
import type { ProcessChange } from "../host/process-host.ts";
import type { ProcessSpec } from "../host/process-spec.ts";
import type { ProcessStatus } from "../host/process-status.ts";
import { createLimiter } from "../limits/create-limiter.ts";
import type { Limiter } from "../limits/limiter.ts";
import { keepLogs } from "../logs/log-keeper.ts";
import { adoptSurvivors } from "./adopt-survivors.ts";
import { Journal } from "./journal.ts";
import { ProcessTable } from "./process-table.ts";
import { type ShutdownGrace, shutDown } from "./shut-down.ts";
import { SupervisorServer } from "./supervisor-server.ts";
import { SystemKeeper } from "./system-keeper.ts";

/** What a supervisor needs. */
export interface SupervisorOptions {
  readonly home: HomePaths;
  /** Proof that this is the only supervisor of the home; the caller releases it after {@link Supervisor.stop}. */
  readonly lock: HomeLock;
  readonly clock: Clock;
  readonly log: Log;
  /** Processes that always run, in the order in which they are started. */
  readonly system: readonly ProcessSpec[];
  /** What every child gets of the caller's environment; see `allowedEnvironment`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Default: the best there is on this machine. */
  readonly limiter?: Limiter;
  readonly shutdownGrace?: ShutdownGrace;
  /** Size above which a log is rotated. Default 10 MiB. */
  readonly maxLogBytes?: number;
  /** How often a child says that it runs, milliseconds; a ready one that misses ten in a row is killed. Default 2 s. */
  readonly beatMs?: number;
}

/** The process host of one home. */
export interface Supervisor {
  /** All processes, exited ones until they are forgotten. */
  list(): readonly ProcessStatus[];
  /** Calls back after every change of a process; returns how to stop. */
  onChange(listener: (change: ProcessChange) => void): () => void;
  /** How limits are enforced on this machine, for people. */
  readonly limits: string;
  /** Ends everything it has started or adopted, in order and in bounded time. */
  stop(): Promise<void>;
}

/** Starts the process host: adopts what a supervisor before left, kills what does not answer, then starts the system processes. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { home, clock, log } = options;
  const limiter = options.limiter ?? createLimiter({ name: home.hash, clock });
  const tools = {
    clock,
    log,
    limiter,
    environment: options.environment,
    directory: home.directory,
    supervisorSocket: home.supervisorSocket,
    beatMs: options.beatMs ?? 2_000,
  };
  const table = new ProcessTable(tools);
  const journal = new Journal(home.journal, home.directory, log);
  const system = new SystemKeeper(options.system, table, clock, log);
  const keepingLogs = new AbortController();
  const ready = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;

  const before = journal.read();
  const server = await SupervisorServer.listen({
    socketPath: home.supervisorSocket,
    table,
    log,
    ready: ready.promise,
    ending: () => stopping !== undefined,
  });
  try {
    await adoptSurvivors(before, table, clock, log);
    journal.write(table.all());
    table.onChange(() => journal.write(table.all()));
    limiter.sweep(new Set(table.all().map(({ spec }) => spec.id)));
    await sweepRuntimeDirectory(home, scratchOf(table));
    await system.start();
  } catch (error) {
    await server.close();
    limiter.close();
    throw homeProblem(error, home.directory);
  }
  ready.resolve();

  const logging = keepLogs(
    {
      directory: home.logs,
      active: () => new Set(table.all().flatMap(({ alive, spec }) => (alive ? [spec.logPath] : []))),
      clock,
      log,
      ...(options.maxLogBytes === undefined ? {} : { maxBytes: options.maxLogBytes }),
    },
    keepingLogs.signal,
  );

  const stop = async () => {
    system.end();
    await shutDown(table, clock, options.shutdownGrace);
    keepingLogs.abort();
    await logging;
    await server.close();
    limiter.close();
  };
  return {
    list: () => table.list(),
    onChange: (listener) => table.onChange(listener),
    limits: limiter.text,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function scratchOf(table: ProcessTable): Set<string> {
  const paths = table.all().flatMap(({ spec }) => [spec.socketPath, spec.input?.path]);
  return new Set(paths.filter((path) => path !== undefined));
}
