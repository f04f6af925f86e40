import type { Step } from "./run.ts";

/** What needs no running platform: types, lint, format, layers, documents. */
export const staticChecks: readonly Step[] = [
  { title: "types", command: ["tsc", "--noEmit"] },
  { title: "lint and format", command: ["biome", "ci", "--error-on-warnings", "."] },
  { title: "layers", command: ["node", "scripts/check-layers.ts"] },
  { title: "documents and generated files", command: ["node", "scripts/generate.ts", "--check"] },
];
