import { SlipwayError, toWireError } from "@slipway/base";
import { json } from "./json.ts";
import { plainText } from "./plain-text.ts";
import { problemLine } from "./problem.ts";
import type { Paint } from "./style.ts";

/** An error for people: what and where, every problem on its own line, and the way out. */
export function errorText(error: SlipwayError, paint: Paint): string {
  const lines = [`${paint("bad", "error:")} ${error.message}`];
  for (const problem of error.problems) {
    const line = problemLine(problem);
    // The control API's sentence may already say it, as Kubernetes words it.
    if (!error.message.includes(line)) lines.push(`  ${line}`);
  }
  if (error.hint !== undefined) lines.push(`${paint("dim", "hint:")} ${error.hint}`);
  return plainText(`${lines.join("\n")}\n`);
}

/** The same for scripts: `{"error": {code, message, hint?, problems?}}`. */
export function errorJson(error: SlipwayError): string {
  const { retryAfter: _, ...wire } = toWireError(error);
  return json({ error: wire });
}

/** Anything caught as an error that can be shown on this machine: unlike for a remote caller, the system's own message helps. */
export function presentable(caught: unknown): SlipwayError {
  const error = SlipwayError.from(caught);
  if (error.code !== "internal" || !(error.cause instanceof Error) || error === caught) return error;
  const system = (error.cause as { code?: unknown; path?: unknown }) ?? {};
  if (typeof system.code === "string" && system.code.startsWith("E")) {
    return new SlipwayError(system.code === "ENOENT" ? "notFound" : "internal", `${error.cause.message}.`, { cause: caught });
  }
  return new SlipwayError("internal", `An internal error occurred: ${error.cause.message}.`, {
    hint: "This is a fault of Slipway. Run again with SLIPWAY_DEBUG=1 for the stack, and report it.",
    cause: caught,
  });
}
