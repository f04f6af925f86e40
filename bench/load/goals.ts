import { median, withRange } from "./statistics.ts";
import type { Row } from "./table.ts";

/** One thing to reach. */
export interface Goal {
  /** Such as `P3`. */
  readonly id: string;
  readonly what: string;
  readonly least?: number;
  readonly most?: number;
  /** One per round; the median counts. None: not measured in this run. */
  readonly measured: readonly number[];
  /** Default `×`: a ratio. */
  readonly unit?: string;
}

/** Whether it is reached; undefined when it was not measured. */
export function isMet({ least, most, measured }: Goal): boolean | undefined {
  const value = median(measured);
  if (Number.isNaN(value)) return undefined;
  return (least === undefined || value >= least) && (most === undefined || value <= most);
}

/** The closing list of a benchmark. */
export function goalRows(goals: readonly Goal[]): Row[] {
  return goals.map((goal) => {
    const met = isMet(goal);
    const unit = goal.unit ?? "×";
    return {
      goal: goal.id,
      what: goal.what,
      target: [...bound("≥", goal.least, unit), ...bound("≤", goal.most, unit)].join(" and "),
      measured: met === undefined ? "not in this run" : withRange(goal.measured),
      met: met === undefined ? "–" : met ? "yes" : "NO",
    };
  });
}

function bound(sign: string, value: number | undefined, unit: string): string[] {
  return value === undefined ? [] : [`${sign} ${value}${unit === "×" ? unit : ` ${unit}`}`];
}
