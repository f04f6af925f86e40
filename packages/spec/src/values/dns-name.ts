import { found } from "./found.ts";

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** What is wrong with a DNS-1123 label (at most `longest` characters), or undefined. */
export function dnsLabelProblem(text: string, longest = 63): string | undefined {
  if (text.length > longest) return `expected at most ${longest} characters, found ${text.length}`;
  if (label.test(text)) return undefined;
  return `expected lower-case letters, digits and "-", with a letter or digit first and last; found ${found(text)}`;
}

/** What is wrong with a DNS-1123 subdomain (labels joined by dots, at most 253 characters), or undefined. */
export function dnsSubdomainProblem(text: string): string | undefined {
  if (text.length > 253) return `expected at most 253 characters, found ${text.length}`;
  if (text.split(".").every((each) => label.test(each))) return undefined;
  return `expected lower-case letters, digits, "-" and ".", with a letter or digit first and last in each part; found ${found(text)}`;
}
