import { arch, platform } from "node:process";
import { SlipwayError } from "@slipway/base";

/** For each platform that a Python environment can be made for, what uv calls it. The oldest glibc is named, so that every Linux machine picks the same wheels. */
export const pythonPlatforms = {
  "linux/amd64": "x86_64-manylinux_2_28",
  "linux/arm64": "aarch64-manylinux_2_28",
  "darwin/amd64": "x86_64-apple-darwin",
  "darwin/arm64": "aarch64-apple-darwin",
} as const;

/** A platform by operating system and architecture. */
export type PythonPlatform = keyof typeof pythonPlatforms;

/** The platform of this machine. Throws `invalid` where no Python environment can be made. */
export function targetPlatform(): PythonPlatform {
  const name = `${platform}/${arch === "x64" ? "amd64" : arch}`;
  if (Object.hasOwn(pythonPlatforms, name)) return name as PythonPlatform;
  throw new SlipwayError("invalid", `Python environments cannot be made on this platform, ${name}.`, {
    hint: `They can on ${Object.keys(pythonPlatforms).join(", ")}.`,
  });
}
