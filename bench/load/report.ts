import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { type Goal, goalRows } from "./goals.ts";
import { type Row, renderTable } from "./table.ts";

/** What a benchmark says of itself. */
export interface ReportOptions {
  /** `bench/results/NAME.json`. */
  readonly name: string;
  /** What was run with what: models, rounds, seconds, client, seed. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Go on although the machine is busy; then nothing is judged or written. */
  readonly trial?: boolean;
}

const results = join(import.meta.dirname, "..", "results");

/** A benchmark's output: says on what machine and when, refuses to judge on a busy one, prints tables, and writes them to bench/results. */
export class Report {
  private readonly options: ReportOptions;
  private readonly head: Readonly<Record<string, unknown>>;
  private readonly tables: Record<string, readonly Row[]> = {};

  constructor(options: ReportOptions) {
    this.options = options;
    const [average] = loadavg() as [number, number, number];
    this.head = {
      date: new Date().toISOString(),
      commit: commit(),
      machine: `${cpus().length} × ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
      node: process.version,
      loadAverage: Number(average.toFixed(2)),
      ...options.facts,
    };
    console.log(`bench ${options.name}`);
    for (const [key, value] of Object.entries(this.head))
      console.log(`  ${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    if (average <= 2) return;
    if (options.trial !== true) {
      console.error("The load average is above 2: figures from a busy machine say nothing. Try again when it is idle.");
      process.exit(1);
    }
  }

  /** Prints a table and keeps it. */
  table(title: string, rows: readonly Row[]): void {
    if (rows.length === 0) return;
    this.tables[title] = rows;
    console.log(`\n${title}\n${renderTable(rows)}`);
  }

  /** Prints what was reached of what was aimed at, and writes everything. */
  finish(goals: readonly Goal[] = []): void {
    if (goals.length > 0) this.table("goals", goalRows(goals));
    if (this.options.trial === true) {
      console.log("\nA trial: nothing is judged by it, and nothing was written.");
      return;
    }
    const file = join(results, `${this.options.name}.json`);
    writeFileSync(file, `${JSON.stringify({ ...this.head, tables: this.tables }, undefined, 2)}\n`);
    console.log(`\nbench/results/${this.options.name}.json`);
  }
}

function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: results, encoding: "utf8" }).trim();
  try {
    return `${git("rev-parse", "--short=12", "HEAD")}${git("status", "--porcelain", "-uno") === "" ? "" : " with changes"}`;
  } catch {
    return "unknown";
  }
}
