import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParitySource } from "@slipway/testkit";
import { operationModel } from "../harness/onnx-file.ts";
import { root } from "../harness/platform.ts";
import { ScratchFolder } from "../harness/scratch-folder.ts";

/** The model directories of the parity scenarios, made in a temporary folder where they are not examples. */
export class ParitySources {
  private readonly scratch: ScratchFolder;
  private readonly digits = join(root, "examples", "digits");

  private constructor(scratch: ScratchFolder) {
    this.scratch = scratch;
  }

  static async create(): Promise<ParitySources> {
    return new ParitySources(await ScratchFolder.create());
  }

  /** A temporary folder, removed with the rest. */
  get path(): string {
    return this.scratch.path;
  }

  async directory(name: ParitySource): Promise<string> {
    switch (name) {
      case "digits-v1":
        return join(this.digits, "v1");
      case "digits-v2":
        return join(this.digits, "v2");
      case "wrong-answers": {
        const directory = await this.scratch.digitsDirectory(name);
        await copyFile(join(this.digits, "v2", "model.onnx"), join(directory, "model.onnx"));
        return directory;
      }
      case "slightly-off": {
        const directory = await this.scratch.digitsDirectory(name);
        const sample = join(directory, "samples", "single.json");
        await writeFile(sample, (await readFile(sample, "utf8")).replace("0.95293826", "0.95393826"));
        return directory;
      }
      case "cannot-load": {
        const tensor = { type: "FP32", shape: [-1] } as const;
        const model = operationModel("NoSuchOperation", { name: "x", ...tensor }, { name: "y", ...tensor });
        return this.scratch.modelDirectory(name, model);
      }
    }
  }

  async remove(): Promise<void> {
    await this.scratch.remove();
  }
}
