import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./platform.ts";

/** A temporary directory for what a test makes. */
export class ScratchFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<ScratchFolder> {
    return new ScratchFolder(await mkdtemp(join(tmpdir(), "slipway-scratch-")));
  }

  /** A model directory with one model and, if given, other files by their relative paths. */
  async modelDirectory(
    name: string,
    model: Buffer | string,
    files: Readonly<Record<string, string | Buffer>> = {},
    file = "model.onnx",
  ): Promise<string> {
    const path = join(this.path, name);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, file), model);
    for (const [file, content] of Object.entries(files)) {
      await mkdir(join(path, file, ".."), { recursive: true });
      await writeFile(join(path, file), content);
    }
    return path;
  }

  /** A copy of a version of the digits model, to be changed. */
  async digitsDirectory(name: string, version: "v1" | "v2" = "v1"): Promise<string> {
    const path = join(this.path, name);
    await cp(join(root, "examples", "digits", version), path, { recursive: true });
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
