import { isDeepStrictEqual } from "node:util";
import { backoff, type Clock, jittered, type Log } from "@slipway/base";
import type { PlaceProblem } from "@slipway/control";
import type { Key } from "@slipway/spec";

interface Entry {
  readonly key: Key;
  problem: PlaceProblem;
  failures: number;
  cancel: () => void;
}

/** First and longest wait until what a cluster refused is tried again. */
const [firstMs, mostMs] = [2_000, 30_000];

/** What a cluster refused to write, by revision, until it takes it: a place has no object that could say so. */
export class PlaceProblems {
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly entries = new Map<string, Entry>();
  private readonly onDue: (key: Key) => void;

  /** `onDue` is told of a Model whenever its problems changed, and when it is time to try again. */
  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }, onDue: (key: Key) => void) {
    this.clock = clock;
    this.log = log;
    this.onDue = onDue;
  }

  of(model: Key): PlaceProblem[] {
    return [...this.entries.values()].filter(({ key }) => sameKey(key, model)).map(({ problem }) => problem);
  }

  /** Forgets those of a Model's revisions that are gone. */
  retain(model: Key, isThere: (revision: string) => boolean): void {
    for (const [id, { key, problem, cancel }] of this.entries) {
      if (!sameKey(key, model) || isThere(problem.revision)) continue;
      cancel();
      this.entries.delete(id);
    }
  }

  /** The Models that have any. */
  keys(): Key[] {
    return [...this.entries.values()].map(({ key }) => key);
  }

  set(key: Key, problem: PlaceProblem): void {
    const id = idOf(key, problem.revision);
    const found = this.entries.get(id);
    const entry = found ?? { key, problem, failures: 0, cancel: () => {} };
    const news = found === undefined || !isDeepStrictEqual(found.problem, problem);
    entry.cancel();
    entry.problem = problem;
    entry.failures += 1;
    entry.cancel = this.clock.after(jittered(backoff(entry.failures, firstMs, mostMs)), () => this.onDue(key));
    this.entries.set(id, entry);
    if (!news) return;
    this.log.warn("the cluster refuses what a model needs; it is tried again", { model: key, ...problem });
    this.onDue(key);
  }

  clear(key: Key, revision: string): void {
    const id = idOf(key, revision);
    const found = this.entries.get(id);
    if (found === undefined) return;
    found.cancel();
    this.entries.delete(id);
    this.onDue(key);
  }

  /** Tries nothing again any more. */
  close(): void {
    for (const { cancel } of this.entries.values()) cancel();
    this.entries.clear();
  }
}

function idOf({ namespace, name }: Key, revision: string): string {
  return `${namespace}/${name}/${revision}`;
}

function sameKey(a: Key, b: Key): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}
