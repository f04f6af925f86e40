// `node bench/rivals/lock.ts [NAME…]`: resolves the rivals' packages anew and writes bench/rivals/NAME.lock. For Python 3.11 on Linux
// x86-64; only wheels, each by its hash, and no address: whatever package index is configured can serve them.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { uvProgram } from "../../e2e/python/python-environment.ts";
import { lockFile } from "./locked-version.ts";

const onnx = ["onnxruntime", "numpy"];
const wanted: Readonly<Record<string, readonly string[]>> = {
  mlserver: ["mlserver==1.7.1", ...onnx],
  kserve: ["kserve==0.21.0", ...onnx],
  litserve: ["litserve==0.2.19", ...onnx],
  bentoml: ["bentoml==1.4.39", ...onnx],
  ray: ["ray[serve]==2.60.0", ...onnx],
};

/** Files uploaded later are not considered. */
const settled = "2026-11-10";

const names = process.argv.slice(2);
for (const [name, requirements] of Object.entries(wanted)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const lines = pinned(resolved(requirements));
  writeFileSync(lockFile(name), `# ${requirements.join(" ")}\n${lines.join("\n")}\n`);
  console.log(`${name}: ${lines.length} packages`);
}

/** The resolution as a `pylock.toml`, which unlike a requirements file tells which hash is of which wheel. */
function resolved(requirements: readonly string[]): string {
  const { PIP_FIND_LINKS: _, UV_FIND_LINKS: __, ...env } = process.env;
  return execFileSync(
    uvProgram(),
    [
      ...["pip", "compile", "--quiet", "--no-config", "--no-header", "--no-build", "--format", "pylock.toml"],
      ...["--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28"],
      // A file that is days old may still be withdrawn, and then its hash installs nothing.
      ...["--exclude-newer", settled, "-"],
    ],
    { input: requirements.join("\n"), env, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
}

function pinned(pylock: string): string[] {
  return pylock
    .split("[[packages]]")
    .slice(1)
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name} = "([^"]+)"`, "m").exec(block)?.[1];
      const hashes = [...block.matchAll(/sha256 = "([0-9a-f]{64})"/g)].map((match) => `--hash=sha256:${match[1]}`);
      if (hashes.length === 0) throw new Error(`no wheel of ${field("name")}`);
      return `${field("name")}==${field("version")} ${hashes.join(" ")}`;
    });
}
