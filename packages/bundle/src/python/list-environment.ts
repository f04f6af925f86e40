import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { FoundFile } from "../build/scan-directory.ts";
import { pathProblem } from "../manifest/file-path.ts";

/** The files of an environment, sorted by path. Throws `invalid` for a package with a file that a bundle cannot carry. */
export async function listEnvironment(folder: string): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  const visit = async (at: string, prefix: string): Promise<void> => {
    for (const name of await readdir(at)) {
      const path = prefix + name;
      const location = join(at, name);
      const stat = await lstat(location, { bigint: true });
      if (stat.isDirectory()) await visit(location, `${path}/`);
      else {
        const problem = stat.isFile() ? pathProblem(path) : "is no plain file";
        if (problem !== undefined) {
          throw new SlipwayError(
            "invalid",
            `A Python package has a file that a bundle cannot hold: ${path.slice(0, 200)} ${problem}.`,
            {
              hint: "Leave that package out, or use another version of it.",
            },
          );
        }
        files.push({ path, location, size: Number(stat.size), stat });
      }
    }
  };
  await visit(folder, "");
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
