import { type FieldProblem, SlipwayError } from "@slipway/base";
import { pathsOf } from "./field-set.ts";
import type { Manager } from "./manager.ts";
import { printPath } from "./path-element.ts";

/** The refusal of an apply: each field in it is owned by another manager. `fields` of each manager are those in conflict. Worded as Kubernetes does. */
export function applyConflict(managers: readonly Manager[]): SlipwayError {
  const conflicts = managers
    .map((manager) => ({ manager: printManager(manager), paths: pathsOf(manager.fields).map(printPath) }))
    .sort((a, b) => (a.manager < b.manager ? -1 : 1));
  const problems = conflicts.flatMap(({ manager, paths }) =>
    paths.map((path): FieldProblem => ({ path, message: `conflict with ${manager}`, reason: "FieldValueForbidden" })),
  );
  const only = problems.length === 1 ? problems[0] : undefined;
  const message =
    only === undefined
      ? `Apply failed with ${problems.length} conflicts: ${conflicts.map(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)].join("\n")).join("\n")}`
      : `Apply failed with 1 conflict: ${only.message}: ${only.path}`;
  return new SlipwayError("conflict", message, {
    problems,
    hint: "Remove these fields from the configuration, give them the same value, or apply with force to take them over.",
  });
}

function printManager(manager: Manager): string {
  const name = JSON.stringify(manager.name);
  const through = manager.subresource === undefined ? "" : ` with subresource ${JSON.stringify(manager.subresource)}`;
  return `${name}${through}${manager.operation === "Update" ? ` using ${manager.apiVersion}` : ""}`;
}
