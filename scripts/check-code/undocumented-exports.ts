import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { root } from "../checkout.ts";

/** What is wrong with the exports of an `index.ts`: names without a TSDoc comment at their definition, or `export *`. */
export function undocumentedExports(index: string): string[] {
  if (!existsSync(posix.join(root, index))) return [];
  const text = readFileSync(posix.join(root, index), "utf8");
  const problems = /^export \*/m.test(text) ? ["`export *` hides what the package promises; list the names"] : [];
  for (const [, names = "", from = ""] of text.matchAll(/^export (?:type )?\{([^}]*)\} from "(\.[^"]+)"/gms)) {
    const file = posix.join(posix.dirname(index), from);
    for (const name of localNames(names))
      if (!isDocumented(file, name)) problems.push(`${name} (${file}) has no TSDoc sentence at its definition`);
  }
  return problems;
}

function localNames(list: string): string[] {
  return list
    .split(",")
    .map((item) =>
      item
        .trim()
        .replace(/^type\s+/, "")
        .replace(/\s+as\s.*$/, ""),
    )
    .filter((name) => name !== "");
}

function isDocumented(file: string, name: string): boolean {
  const lines = readFileSync(posix.join(root, file), "utf8").split("\n");
  const definition = new RegExp(
    `^export (?:declare )?(?:abstract )?(?:async )?(?:function\\*?|class|interface|type|const|let) ${name}\\b`,
  );
  const at = lines.findIndex((line) => definition.test(line));
  return at > 0 && /\*\/\s*$/.test(lines[at - 1]!);
}
