import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Answer } from "./run-case.ts";

/** The answers of a real API server to the cases of a topic, by case. */
export interface Recording {
  /** Its `gitVersion`. */
  readonly server: string;
  readonly cases: Readonly<Record<string, readonly Answer[]>>;
}

const file = (topic: string) => fileURLToPath(new URL(`recordings/${topic}.json`, import.meta.url));

/** Reads the recording of a topic. */
export function readRecording(topic: string): Recording {
  return JSON.parse(readFileSync(file(topic), "utf8")) as Recording;
}

/** Writes the recording of a topic: one line an answer, so that a change shows where it is. */
export function writeRecording(topic: string, { server, cases }: Recording): void {
  const blocks = Object.entries(cases).map(([name, answers]) => {
    const lines = answers.map((answer) => `   ${JSON.stringify(answer)}`).join(",\n");
    return `  ${JSON.stringify(name)}: [\n${lines}\n  ]`;
  });
  writeFileSync(file(topic), `{\n "server": ${JSON.stringify(server)},\n "cases": {\n${blocks.join(",\n")}\n }\n}\n`);
}
