import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { PinnedProcess } from "../load/pinned-process.ts";
import type { BenchModel } from "../models/models.ts";
import type { StartedServer } from "./server.ts";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");

/** The package as a user installs it, and a home with the models in it. */
export class SlipwayServers {
  private readonly program: string;
  private readonly home: string;
  private readonly bundles = new Map<string, string>();

  private constructor(program: string, home: string) {
    this.program = program;
    this.home = home;
  }

  /** Builds the package inside the checkout, where it finds the same ONNX Runtime and Node.js as the sources do. */
  static async build(home: string): Promise<SlipwayServers> {
    const out = join(root, ".slipway", "bench-package");
    await execute(process.execPath, [join(root, "scripts", "build.ts"), out], { cwd: root });
    return new SlipwayServers(join(out, "bin", "slipway"), home);
  }

  /** Starts `slipway serve`; resolves when it has said its address, which is when it is ready. */
  async start(model: BenchModel, parameters: Readonly<Record<string, string>> = {}, name = "slipway"): Promise<StartedServer> {
    const flags = Object.entries(parameters).flatMap(([key, value]) => ["--parameter", `${key}=${value}`]);
    const bundle = await this.bundle(model);
    const process = PinnedProcess.start([
      this.program,
      "serve",
      bundle,
      "--port",
      "0",
      "--home",
      this.home,
      "-o",
      "json",
      ...flags,
    ]);
    const { url, model: served } = JSON.parse(await process.line()) as { url: string; model: string };
    const endpoint = { path: `/v2/models/${served}/infer`, form: "oip", encodings: ["json", "binary"] } as const;
    return { ...endpoint, name, health: "/v2/health/live", canPause: true, process, origin: url };
  }

  /** The digest of a model's bundle in the home. */
  private async bundle(model: BenchModel): Promise<string> {
    const known = this.bundles.get(model.name);
    if (known !== undefined) return known;
    const { stdout } = await execute(this.program, ["build", model.folder, "--home", this.home, "-o", "json"]);
    const { digest } = JSON.parse(stdout) as { digest: string };
    this.bundles.set(model.name, digest);
    return digest;
  }
}
