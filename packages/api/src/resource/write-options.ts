import type { Exchange } from "@slipway/http";
import { invalidOptions, type OptionsKind } from "./invalid-options.ts";

/** What a request's query says about how to write. */
export interface WriteQuery {
  readonly manager: string;
  readonly dryRun: boolean;
}

/**
 * Reads `fieldManager`, `dryRun` and `fieldValidation`. Unknown and duplicate fields are refused whatever `fieldValidation` says: nothing is
 * accepted and ignored. Throws `invalid`.
 */
export function writeQuery(exchange: Exchange): WriteQuery {
  const { query } = exchange;
  oneOf(exchange, "fieldValidation", query.get("fieldValidation"), ["Ignore", "Warn", "Strict"]);
  return { manager: query.get("fieldManager") || userAgentManager(exchange), dryRun: isDryRun(exchange) };
}

/** Whether `dryRun` asks for a trial; its only value is `All`. Throws `invalid`. */
export function isDryRun(exchange: Exchange, values: readonly string[] = exchange.query.getAll("dryRun")): boolean {
  for (const value of values) oneOf(exchange, "dryRun", value, ["All"]);
  return values.includes("All");
}

/** Throws `invalid` unless the value is absent, empty or one of those named. */
export function oneOf(exchange: Exchange, name: string, value: string | null, supported: readonly string[]): void {
  if (value === null || value === "" || supported.includes(value)) return;
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((item) => JSON.stringify(item)).join(", ")}`;
  throw invalidOptions(optionsKind(exchange), [{ path: name, message, reason: "FieldValueNotSupported" }]);
}

/** Checks a field manager's name as Kubernetes does. Throws `invalid`. */
export function checkManager(exchange: Exchange, name: string): void {
  const path = "fieldManager";
  if (name.length > 128)
    throw invalidOptions(optionsKind(exchange), [
      { path, message: "Too long: may not be more than 128 bytes", reason: "FieldValueInvalid" },
    ]);
  if (/[^\x20-\x7e]/.test(name))
    throw invalidOptions(optionsKind(exchange), [
      {
        path,
        message: "Invalid value: should only contain printable characters",
        reason: "FieldValueInvalid",
      },
    ]);
}

/** The options that a request with this method has. */
export function optionsKind({ method }: Pick<Exchange, "method">): OptionsKind {
  const kinds: Readonly<Record<string, OptionsKind>> = { POST: "CreateOptions", PUT: "UpdateOptions", PATCH: "PatchOptions" };
  return kinds[method] ?? "DeleteOptions";
}

/** As Kubernetes: what stands before the first slash of the user agent. */
function userAgentManager(exchange: Exchange): string {
  const name = (exchange.headers["user-agent"] ?? "")
    .split("/")[0]!
    .replace(/[^\x20-\x7e]/g, "")
    .slice(0, 128)
    .trim();
  return name === "" ? "unknown" : name;
}
