import type { FieldProblem } from "@slipway/base";

/** A field problem with the place in the file where the field is. Lines and columns count from 1. */
export interface LocatedProblem extends FieldProblem {
  /** As the user named it; `-` is standard input. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column: path: message`, or without a place `path: message`. */
export function problemLine(problem: FieldProblem): string {
  const at = problem as Partial<LocatedProblem>;
  const place = at.file === undefined ? "" : `${at.file}:${at.line}:${at.column}: `;
  return `${place}${problem.path === "" ? "" : `${problem.path}: `}${problem.message}`;
}
