import type { FieldProblem } from "@slipway/base";
import { metadataRules } from "../meta/metadata-rules.ts";
import { fieldPath } from "../parse/field-path.ts";
import type { Partially } from "../parse/partially.ts";
import { base64Length } from "../values/base64.ts";
import { dnsSubdomainProblem } from "../values/dns-name.ts";
import type { SecretManifest } from "./secret-schema.ts";

const mostBytes = 1024 * 1024;

/** Rules of a Secret: its keys can be file names, and it has at most 1 MiB. No message repeats a value. */
export function secretRules(secret: Partially<SecretManifest>): FieldProblem[] {
  const problems = metadataRules(secret.metadata, { namespaced: true, nameProblem: dnsSubdomainProblem });
  for (const field of ["data", "stringData"] as const) {
    for (const key of Object.keys(secret[field] ?? {})) {
      const message = keyProblem(key);
      if (message !== undefined) problems.push({ path: fieldPath([field, key]), message, reason: "FieldValueInvalid" });
    }
  }
  const plain = secret.stringData ?? {};
  let bytes = 0;
  for (const text of Object.values(plain)) bytes += text === undefined ? 0 : new TextEncoder().encode(text).length;
  for (const [key, text] of Object.entries(secret.data ?? {})) {
    if (text !== undefined && !Object.hasOwn(plain, key)) bytes += base64Length(text);
  }
  if (bytes > mostBytes) {
    problems.push({
      path: "data",
      message: `expected at most ${mostBytes} bytes in all, found ${bytes}`,
      reason: "FieldValueInvalid",
    });
  }
  return problems;
}

function keyProblem(key: string): string | undefined {
  if (key.length > 253) return `expected a key of at most 253 characters, found ${key.length}`;
  if (key === "." || key.startsWith("..")) return 'expected a key other than ".", and that does not begin with ".."';
  return /^[-._a-zA-Z0-9]+$/.test(key) ? undefined : 'expected a key of letters, digits, "-", "_" and "."';
}
