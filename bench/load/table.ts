import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";

/** The middle value; of an even number, the lower of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** Says on what machine and when, and refuses to judge on a busy one. */
export function heading(name: string, facts: Readonly<Record<string, unknown>>): void {
  const [average] = loadavg();
  console.log(
    `bench ${name} · ${new Date().toISOString()} · ${cpus().length} cores · Node ${process.version} · load average ${average!.toFixed(2)}`,
  );
  for (const [key, value] of Object.entries(facts)) console.log(`  ${key}: ${value}`);
  if (average! > 2) {
    console.error("The load average is above 2: figures from a busy machine say nothing. Try again when it is idle.");
    process.exit(1);
  }
}

/** Prints rows as an aligned table and writes them to bench/results/NAME.json. */
export function report(name: string, rows: readonly Readonly<Record<string, string | number>>[]): void {
  const columns = Object.keys(rows[0]!);
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  for (const line of cells) console.log(line.map((cell, column) => cell.padEnd(widths[column]!)).join("  "));
  writeFileSync(
    join(import.meta.dirname, "..", "results", `${name}.json`),
    `${JSON.stringify({ date: new Date().toISOString(), rows }, undefined, 2)}\n`,
  );
}
