import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SlipwayError } from "@slipway/base";
import type { Architecture } from "./architecture.ts";
import { readTar } from "./read-tar.ts";
import type { TarEntry } from "./tar-archive.ts";

/** Which packages, and where to keep what was fetched. */
export interface DebianOptions {
  readonly architecture: Architecture;
  readonly packages: readonly string[];
  /** A folder that is kept between runs; package lists and packages of each architecture lie in folders of their own. */
  readonly cache: string;
  /** False takes the versions that were fetched before, and asks the sources only for what is missing. */
  readonly newest?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The files of packages, and which versions they are. */
export interface DebianFiles {
  readonly entries: readonly TarEntry[];
  /** As `libc6_2.36-9_amd64.deb`. */
  readonly packages: readonly string[];
}

/** What no program in an image reads. Copyright notices stay. */
const dropped = /^usr\/(share\/(man|info|locale|lintian|bug|gdb)\/|share\/doc\/.*\/(?!copyright$)[^/]*$|lib\/[^/]+\/gconv\/)/;

/**
 * The files of Debian packages for an architecture, from the sources this machine is set up for, verified by apt. Nothing of this machine's own
 * packages is read or changed. The same versions always give the same entries.
 */
export async function debianFiles(options: DebianOptions): Promise<DebianFiles> {
  const files = await fetchPackages(options);
  const entries = new Map<string, TarEntry>();
  for (const file of files) {
    for await (const entry of readTar(await unpacked(file, options.signal))) {
      const path = merged(entry.path);
      if (entry.path === "" || dropped.test(path)) continue;
      if (entry.type === "file") entries.set(path, { path, mode: entry.mode & 0o755, content: entry.content });
      if (entry.type === "symlink") entries.set(path, { path, mode: 0o777, link: entry.link });
      if (entry.type === "hardlink") entries.set(path, { ...entries.get(merged(plain(entry.link)))!, path });
    }
  }
  // As on Debian itself; its own package for these links brings much else.
  for (const name of ["lib", "lib64", "bin", "sbin"]) {
    const used = [...entries.keys()].some((path) => path.startsWith(`usr/${name}/`));
    if (used) entries.set(name, { path: name, mode: 0o777, link: `usr/${name}` });
  }
  return { entries: withFolders([...entries.values()]), packages: files.map((file) => file.slice(file.lastIndexOf("/") + 1)) };
}

/** Entries with a folder entry for every folder they lie in. */
export function withFolders(entries: readonly TarEntry[]): TarEntry[] {
  const folders = new Map<string, TarEntry>();
  for (const { path } of entries) {
    for (let at = path.indexOf("/"); at >= 0 && at < path.length - 1; at = path.indexOf("/", at + 1)) {
      const folder = path.slice(0, at + 1);
      folders.set(folder, { path: folder, mode: 0o755 });
    }
  }
  for (const { path } of entries) folders.delete(path);
  return [...folders.values(), ...entries];
}

function plain(path: string): string {
  return path.replace(/^\.?\//, "");
}

/** Where a file lies since Debian has one /usr: older packages still name /lib and /bin. */
function merged(path: string): string {
  return path.replace(/^(lib|lib64|bin|sbin)\//, "usr/$1/");
}

async function fetchPackages({ architecture, packages, cache, newest = true, signal }: DebianOptions): Promise<string[]> {
  const folder = join(cache, architecture);
  const state = join(folder, "state");
  await mkdir(join(state, "lists", "partial"), { recursive: true });
  await mkdir(join(folder, "cache", "archives", "partial"), { recursive: true });
  await writeFile(join(state, "status"), "");
  const settings = [
    `Dir::State=${state}`,
    `Dir::State::status=${join(state, "status")}`,
    `Dir::Cache=${join(folder, "cache")}`,
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    // Apt would hand over to a user who may not write here.
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
  ].flatMap((setting) => ["-o", setting]);
  const apt = (args: readonly string[], cwd: string) => run("apt-get", [...settings, "-qq", ...args], cwd, signal);
  // Apt does not name what lies in its working directory already, so it is asked in another.
  const list = async () => {
    const listed = await apt(["download", "--print-uris", ...packages], state);
    return [...listed.matchAll(/^'[^']*' (\S+\.deb) /gm)].map(([, name]) => name!);
  };
  const known = newest ? [] : await list().catch(() => []);
  const kept = await Promise.all(known.map((name) => isThere(join(folder, name))));
  if (known.length === packages.length && kept.every(Boolean)) return known.map((name) => join(folder, name));
  await apt(["update"], folder);
  const names = await list();
  if (names.length !== packages.length) {
    throw new SlipwayError(
      "unavailable",
      `The Debian sources of this machine do not have all of ${packages.join(", ")} for ${architecture}.`,
      {
        hint: "Look at /etc/apt/sources.list.d, or use an image as the base: --base IMAGE.",
      },
    );
  }
  const missing: string[] = [];
  for (const [i, name] of names.entries()) if (!(await isThere(join(folder, name)))) missing.push(packages[i]!);
  if (missing.length > 0) {
    const draft = await mkdtemp(join(folder, "download-"));
    try {
      await apt(["download", ...missing], draft);
      for (const name of names) if (await isThere(join(draft, name))) await rename(join(draft, name), join(folder, name));
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  return names.map((name) => join(folder, name));
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function unpacked(file: string, signal: AbortSignal | undefined): Promise<AsyncIterable<Uint8Array>> {
  const options = { encoding: "buffer", maxBuffer: 2 ** 30, ...(signal && { signal }) } as const;
  const { stdout } = await promisify(execFile)("dpkg-deb", ["--fsys-tarfile", file], options).catch((caught) => {
    throw failed("dpkg-deb", caught);
  });
  return (async function* () {
    yield stdout;
  })();
}

async function run(program: string, args: readonly string[], cwd: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    return (await promisify(execFile)(program, [...args], { cwd, maxBuffer: 2 ** 26, ...(signal && { signal }) })).stdout;
  } catch (caught) {
    throw failed(program, caught);
  }
}

function failed(program: string, caught: unknown): SlipwayError {
  const { code, stderr } = caught as { code?: unknown; stderr?: string | Buffer };
  if (code === "ABORT_ERR") return new SlipwayError("cancelled", "Making the image was cancelled.", { cause: caught });
  if (code === "ENOENT") {
    return new SlipwayError("unimplemented", `A base of Debian packages needs ${program}, which this machine does not have.`, {
      hint: "Use an image as the base: --base IMAGE, one with glibc, libstdc++ and libatomic.",
      cause: caught,
    });
  }
  const said =
    String(stderr ?? "")
      .trim()
      .split("\n")
      .at(-1) ?? "";
  return new SlipwayError("unavailable", `${program} failed: ${said.slice(0, 300) || String(code)}.`, {
    hint: "See whether `apt-get update` works on this machine, or use an image as the base: --base IMAGE.",
    cause: caught,
  });
}
