import { isDeepStrictEqual } from "node:util";
import { comparable } from "./comparable.ts";
import type { Json } from "./normalise.ts";
import type { Answer } from "./run-case.ts";

/** A place where our answer is not the recorded one: `STEP/PATH`, steps counted from 1. */
export interface Mismatch {
  readonly at: string;
  readonly recorded: Json | undefined;
  readonly ours: Json | undefined;
}

/** Every place where our answers differ from the recorded ones, as far as they are {@link comparable}. */
export function compareAnswers(recorded: readonly Answer[], ours: readonly Answer[]): Mismatch[] {
  const steps = Math.max(recorded.length, ours.length);
  return Array.from({ length: steps }, (_, index) => compareAnswer(recorded[index], ours[index], `${index + 1}`)).flat();
}

function compareAnswer(recorded: Answer | undefined, ours: Answer | undefined, step: string): Mismatch[] {
  const left = recorded && (comparable(recorded) as unknown as Json);
  const right = ours && (comparable(ours) as unknown as Json);
  // Bodies of answers that differ in their status are about different things: one mismatch.
  return recorded?.status === ours?.status
    ? mismatches(left, right, step)
    : [{ at: `${step}/status`, recorded: left, ours: right }];
}

function mismatches(recorded: Json | undefined, ours: Json | undefined, at: string): Mismatch[] {
  if (isDeepStrictEqual(recorded, ours)) return [];
  if (isContainer(recorded) && isContainer(ours) && Array.isArray(recorded) === Array.isArray(ours)) {
    const keys = new Set([...Object.keys(recorded), ...Object.keys(ours)]);
    return [...keys].flatMap((key) => mismatches(member(recorded, key), member(ours, key), `${at}/${key}`));
  }
  return [{ at, recorded, ours }];
}

function isContainer(value: Json | undefined): value is Json[] | { [key: string]: Json } {
  return typeof value === "object" && value !== null;
}

function member(value: Json[] | { [key: string]: Json }, key: string): Json | undefined {
  return (value as { [key: string]: Json })[key];
}
