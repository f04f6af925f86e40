import { dnsSubdomainProblem } from "./dns-name.ts";
import { found } from "./found.ts";

const namePart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const characters = 'letters, digits, "-", "_" and ".", with a letter or digit first and last';

/** What is wrong with a key as labels, annotations and finalizers have it (`[PREFIX/]NAME`), or undefined. `IsQualifiedName` of Kubernetes. */
export function qualifiedNameProblem(key: string): string | undefined {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.length > 2) return `expected NAME or PREFIX/NAME, found ${found(key)}`;
  if (parts.length === 2) {
    const problem = dnsSubdomainProblem(parts[0] ?? "");
    if (problem !== undefined) return `the part before "/": ${problem}`;
  }
  if (name.length > 63) return `expected at most 63 characters in the name of the key, found ${name.length}`;
  if (!namePart.test(name)) return `expected a key of ${characters}; found ${found(key)}`;
  return undefined;
}

/** What is wrong with the value of a label, or undefined. Empty is allowed. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return `expected at most 63 characters, found ${value.length}`;
  if (value === "" || namePart.test(value)) return undefined;
  return `expected ${characters}; found ${found(value)}`;
}
