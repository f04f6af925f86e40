import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The licence of every library whose code is among the bundled files (paths from the top of the checkout): their terms ask for it. */
export function licences(root: string, bundled: readonly string[]): string {
  const folders = new Set(bundled.flatMap((path) => /^([^:]*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (license === undefined && file === undefined) throw new Error(`${folder} names no licence; it must not be bundled`);
    const text =
      file === undefined ? "(its package holds no licence text)" : readFileSync(join(root, folder, file), "utf8").trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return ["Slipway contains code of these libraries.\n", ...parts].join(`\n${"-".repeat(80)}\n\n`);
}
