/**
 * The path of the first key that occurs twice in one object of a valid JSON text, e.g. `spec.replicas`; undefined when there is none.
 * `JSON.parse` would keep the last and drop the others in silence.
 */
export function duplicateKey(text: string): string | undefined {
  const open: { readonly keys: Set<string> | undefined; path: string; label: string; index: number }[] = [];
  let at = 0;
  while (at < text.length) {
    const top = open.at(-1);
    switch (text[at]) {
      case "{":
      case "[": {
        const keys = text[at] === "{" ? new Set<string>() : undefined;
        open.push({ keys, path: top === undefined ? "" : join(top), label: "", index: 0 });
        break;
      }
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        if (top !== undefined) top.index += 1;
        break;
      case '"': {
        const end = stringEnd(text, at);
        // In an object, a string is a key when a colon follows.
        if (top?.keys !== undefined && text[skipSpace(text, end)] === ":") {
          top.label = JSON.parse(text.slice(at, end)) as string;
          if (top.keys.has(top.label)) return join(top);
          top.keys.add(top.label);
        }
        at = end - 1;
        break;
      }
    }
    at += 1;
  }
  return undefined;
}

function join(parent: { keys: Set<string> | undefined; path: string; label: string; index: number }): string {
  if (parent.keys === undefined) return `${parent.path}[${parent.index}]`;
  return parent.path === "" ? parent.label : `${parent.path}.${parent.label}`;
}

/** Just after the closing quote of the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(text[at] ?? ".")) at += 1;
  return at;
}
