import { SlipwayError } from "@slipway/base";
import type { Dependencies } from "./read-dependencies.ts";

/** What uv said, as one sentence or two, without the paths and hints of its terminal form. */
export function uvReason(stderr: string): string {
  const lines = stderr
    .split("\n")
    .filter((line) => !/^\s*(warning|hint):/.test(line))
    .map((line) =>
      line
        .replace(/^\s*(error|cause):\s*/, "")
        .replace(/\S*[/\\]\S*[/\\]\S*/g, "…")
        .trim(),
    )
    .filter((line) => line !== "" && !/^(hint|Caused by)/.test(line));
  return lines.join(" ").slice(0, 600) || "it gave no reason";
}

/** The line of the requirements that the reason speaks of, as ` (requirements.txt:2)`; empty when none can be told. */
function lineAtFault(reason: string, { file, text }: Dependencies): string {
  if (file === undefined) return "";
  const words = new Set(
    reason
      .toLowerCase()
      .split(/[^a-z0-9._-]+/)
      .map((word) => word.replace(/[.]+$/, "").split(/[=<>]/)[0]!.replaceAll("_", "-")),
  );
  const lines = text.split("\n");
  const at = lines.findIndex((line) => {
    const name = /^[\s"']*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(line)?.[1]?.toLowerCase().replaceAll("_", "-");
    return name !== undefined && words.has(name);
  });
  return at < 0 ? ` (${file})` : ` (${file}:${at + 1}: ${lines[at]!.trim().slice(0, 100)})`;
}

/** The error for packages that cannot be resolved or installed. An index that does not answer is no fault of the model: `unavailable`. */
export function uvFailure(what: "locked" | "installed", stderr: string, dependencies: Dependencies): SlipwayError {
  const reason = uvReason(stderr);
  if (/(failed to fetch|connect|dns|timed out|network|tls|http status (client|server) error \((?!404))/i.test(reason)) {
    return new SlipwayError("unavailable", `The package index did not answer: ${reason}`, {
      hint: "Build again where the index can be reached; packages that were fetched before are kept.",
    });
  }
  const where = lineAtFault(reason, dependencies);
  return new SlipwayError("invalid", `The model's Python packages cannot be ${what}${where}: ${reason}`, {
    hint: "Only wheels of the package index are used, never code that would be built here.",
  });
}
