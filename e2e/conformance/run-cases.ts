import { type Case, Mismatch, NotApplicable } from "./case.ts";
import type { Target } from "./target.ts";

/** What came of one case. */
export interface Result {
  readonly id: string;
  readonly title: string;
  readonly clause: string;
  readonly part: Case["part"];
  readonly verdict: "pass" | "FAIL" | "n/a";
  /** What was expected and came instead, or why the clause does not apply. */
  readonly why?: string;
}

/** Runs cases one after another; `told` hears of each as it ends. Never rejects for what a server does. */
export async function runCases(
  target: Target,
  cases: readonly Case[],
  told: (result: Result) => void = () => {},
): Promise<Result[]> {
  const results: Result[] = [];
  for (const { run, ...facts } of cases) {
    const result = { ...facts, ...(await verdict(target, run)) };
    results.push(result);
    told(result);
  }
  return results;
}

async function verdict(target: Target, run: Case["run"]): Promise<Pick<Result, "verdict" | "why">> {
  try {
    await run(target);
    return { verdict: "pass" };
  } catch (caught) {
    if (caught instanceof NotApplicable) return { verdict: "n/a", why: caught.message };
    if (caught instanceof Mismatch) return { verdict: "FAIL", why: caught.message };
    return { verdict: "FAIL", why: `expected an answer as the protocol has it, got ${String(caught)}` };
  }
}

/** One line of a report. */
export function lineOf({ verdict, id, title, clause, why }: Result): string {
  const line = `${verdict.padEnd(4)}  ${id}  ${title}  [${clause}]`;
  return why === undefined ? line : `${line}\n      ${why.replaceAll("\n", " ")}`;
}

/** The closing line: counts in all, and of what every server must do. */
export function countsOf(results: readonly Result[]): string {
  const count = (verdict: Result["verdict"], among = results) => among.filter((result) => result.verdict === verdict).length;
  const mandatory = results.filter(({ part }) => part === "mandatory");
  return (
    `${results.length} cases: ${count("pass")} pass, ${count("FAIL")} FAIL, ${count("n/a")} n/a` +
    ` (mandatory: ${count("pass", mandatory)} pass, ${count("FAIL", mandatory)} FAIL, ${count("n/a", mandatory)} n/a)`
  );
}
