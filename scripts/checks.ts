import type { Step } from "./run.ts";

/** What needs no running platform: types, lint, format, layers, code rules, documents. */
export const staticChecks: readonly Step[] = [
  { title: "types", command: ["tsc", "--noEmit"] },
  { title: "lint and format", command: ["biome", "ci", "--colors=off", "--error-on-warnings", "."] },
  { title: "layers", command: ["node", "scripts/check-layers.ts"] },
  { title: "code", command: ["node", "scripts/check-code.ts"] },
  { title: "generated files", command: ["node", "scripts/generate.ts", "--check"] },
  { title: "documents", command: ["node", "scripts/check-docs.ts"] },
];
