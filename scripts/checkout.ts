import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** The top of the checkout. */
export const root = join(import.meta.dirname, "..");

/** One file: its path from the top of the checkout, with `/`, and its text. */
export interface CheckedFile {
  readonly name: string;
  readonly text: string;
}

/** Every file below these folders (`.` is the checkout) that ends in `ending`; nothing installed, built or generated. */
export function filesIn(folders: readonly string[], ending: string): CheckedFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
      .filter((name) => !/(^|\/)(node_modules|dist|generated|\.git|\.slipway|\.venv)\//.test(name))
      .sort()
      .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") })),
  );
}

/** Every workspace: `packages/NAME` and `apps/NAME`. */
export function workspaces(): string[] {
  return ["packages", "apps"].flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`));
}

/** Whether a file belongs to the tests: their own files, fixtures, and everything that only tests import. */
export function isTestCode(name: string): boolean {
  return /\.test\.ts$|\/(fixtures|testing)\/|^packages\/testkit\/|^e2e\//.test(name);
}

/** What a check found wrong. */
export class Breaches {
  private readonly lines: string[] = [];

  add(where: string, why: string): void {
    this.lines.push(`${where}: ${why}`);
  }

  /** Names every breach and a closing summary, and sets the exit code: 1 when there is one. */
  report(summary: string): void {
    for (const line of this.lines) console.error(line);
    console.log(`${summary}, ${this.lines.length} breaches`);
    process.exitCode = this.lines.length === 0 ? 0 : 1;
  }
}
