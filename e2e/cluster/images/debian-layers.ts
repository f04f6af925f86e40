import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../harness/platform.ts";
import { cacheFolder } from "../layout.ts";
import { must } from "../must.ts";
import type { Layer } from "./image.ts";
import { layer } from "./image.ts";

/** One layer per Debian package: its files and nothing else, so the same package version always gives the same layer. */
export async function debianLayers(packages: readonly string[]): Promise<Layer[]> {
  const archive = join(cacheFolder, "packages");
  mkdirSync(archive, { recursive: true });
  const missing = packages.filter((name) => packageFile(archive, name) === undefined);
  if (missing.length > 0) await download(missing, archive);
  return packages.map((name) => {
    const path = join(archive, packageFile(archive, name)!);
    const unpacked = spawnSync("dpkg-deb", ["--fsys-tarfile", path], { maxBuffer: 512 * 1024 * 1024 });
    if (unpacked.status !== 0) throw new Error(`${path} cannot be unpacked: ${unpacked.stderr}`);
    return layer(unpacked.stdout);
  });
}

function packageFile(archive: string, name: string): string | undefined {
  return readdirSync(archive).find((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"));
}

async function download(packages: readonly string[], archive: string): Promise<void> {
  const folder = mkdtempSync(join(cacheFolder, "download-"));
  try {
    const args = ["-o", "APT::Sandbox::User=root", "download", ...packages];
    const first = await run("apt-get", args, { cwd: folder });
    if (first.code !== 0) {
      // The package lists may be missing or old.
      await must("apt-get", ["update"]);
      const second = await run("apt-get", args, { cwd: folder });
      if (second.code !== 0) throw new Error(`apt-get ${args.join(" ")} failed: ${second.stderr}`);
    }
    for (const file of readdirSync(folder)) renameSync(join(folder, file), join(archive, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
