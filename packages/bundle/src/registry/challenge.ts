/** What a registry asks for in `WWW-Authenticate`, RFC 9110 section 11. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = new RegExp(`^\\s*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))\\s*(?:,|$)`);
const scheme = new RegExp(`^\\s*(${token})(?:\\s+|\\s*,|$)`);

/** Reads the challenges of a header; what it cannot read ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (let rest = header.slice(0, 8192); rest.trim() !== ""; ) {
    const pair = parameter.exec(rest);
    const current = challenges.at(-1);
    if (pair !== null && current !== undefined) {
      current.parameters[pair[1]!.toLowerCase()] = pair[2]?.replace(/\\(.)/g, "$1") ?? pair[3] ?? "";
      rest = rest.slice(pair[0].length);
      continue;
    }
    const name = scheme.exec(rest);
    if (name === null) break;
    challenges.push({ scheme: name[1]!.toLowerCase(), parameters: {} });
    rest = rest.slice(name[0].length);
  }
  return challenges;
}
