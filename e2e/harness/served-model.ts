import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./platform.ts";
import { ScratchFolder } from "./scratch-folder.ts";

/** `slipway serve` with one model, in a process of its own, as a user starts it. */
export class ServedModel {
  readonly url: string;
  /** The name it answers to. */
  readonly model: string;
  readonly pid: number;
  private readonly process: ChildProcess;
  private readonly scratch: ScratchFolder;

  private constructor(process: ChildProcess, scratch: ScratchFolder, { url, model }: { url: string; model: string }) {
    this.process = process;
    this.scratch = scratch;
    this.url = url;
    this.model = model;
    this.pid = process.pid!;
  }

  /** Serves the model of a file or its bytes on a free port; `files` go beside it in the model's directory. */
  static async start(
    model: string | Buffer,
    {
      flags = [],
      files = {},
      file = "model.onnx",
      program = join(root, "bin", "slipway"),
    }: { flags?: readonly string[]; files?: Readonly<Record<string, string | Buffer>>; file?: string; program?: string } = {},
  ): Promise<ServedModel> {
    const scratch = await ScratchFolder.create();
    const directory = await scratch.modelDirectory("model", typeof model === "string" ? readFileSync(model) : model, files, file);
    const child = spawn(program, ["serve", directory, "--port", "0", "-o", "json", ...flags], {
      env: { ...process.env, SLIPWAY_HOME: join(scratch.path, "home") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const first = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout!).once("line", resolve);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`slipway serve exited ${code}\n${said}`)));
    });
    return new ServedModel(child, scratch, JSON.parse(first));
  }

  /** The model's own address. */
  get modelUrl(): string {
    return `${this.url}/v2/models/${this.model}`;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  infer(body: RequestInit["body"], headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.modelUrl}/infer`, {
      method: "POST",
      body: body ?? null,
      headers: { "content-type": "application/json", ...headers },
    });
  }

  /** What the process holds now: resident memory in MiB, open files and threads. */
  usage(): { memory: number; files: number; threads: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
    return { memory: read("VmRSS") / 1024, files: readdirSync(`/proc/${this.pid}/fd`).length, threads: read("Threads") };
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGTERM");
      await exited;
    }
    await this.scratch.remove();
  }
}

/** Path of a model that the fixtures of `serve` have. */
export function fixtureModel(name: string): string {
  return join(root, "packages", "serve", "fixtures", `${name}.onnx`);
}
