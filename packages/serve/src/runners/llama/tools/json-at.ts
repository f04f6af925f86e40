/** The JSON object or list that begins at a bracket, and where it ends; undefined when it does not end or is no JSON. */
export function jsonAt(text: string, start: number): { readonly value: unknown; readonly end: number } | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === "\\") at += 1;
    } else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth > 0) continue;
    try {
      return { value: JSON.parse(text.slice(start, at + 1)), end: at + 1 };
    } catch {
      return undefined;
    }
  }
  return undefined;
}
