import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The checkout this test runs from. */
export const root = join(import.meta.dirname, "..", "..");

/** What one run of the command line gave. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A platform on a home of its own, driven only through `bin/slipway`, as a user would. */
export class TestPlatform {
  readonly home: string;
  gateway = "";
  api = "";
  kubeconfig = "";

  private constructor(home: string) {
    this.home = home;
  }

  /** A fresh home; nothing runs yet. */
  static async create(): Promise<TestPlatform> {
    return new TestPlatform(await mkdtemp(join(tmpdir(), "slipway-e2e-")));
  }

  /** A fresh home with the platform up on free ports. */
  static async up(): Promise<TestPlatform> {
    const platform = await TestPlatform.create();
    await platform.start();
    return platform;
  }

  async start(...flags: string[]): Promise<void> {
    const ports = flags.length > 0 ? flags : ["--gateway-port", "0", "--api-port", "0"];
    const answer = JSON.parse((await this.ok("up", "--detach", "-o", "json", ...ports)).stdout);
    this.gateway = answer.gateway;
    this.api = answer.api;
    this.kubeconfig = answer.kubeconfig;
  }

  /** Runs one command; never throws for its exit code. */
  slipway(args: readonly string[], input?: string, env: Record<string, string> = {}): Promise<CommandResult> {
    return run(join(root, "bin", "slipway"), args, { input, env: { SLIPWAY_HOME: this.home, ...env } });
  }

  /** Runs one command that must exit 0. */
  async ok(...args: string[]): Promise<CommandResult> {
    const result = await this.slipway(args);
    if (result.code !== 0) throw new Error(`slipway ${args.join(" ")} exited ${result.code}\n${result.stderr}${result.stdout}`);
    return result;
  }

  /** A command's standard output as JSON. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse((await this.ok(...args, "-o", "json")).stdout) as T;
  }

  kubectl(args: readonly string[], input?: string): Promise<CommandResult> {
    return run("kubectl", ["--kubeconfig", this.kubeconfig, "--cache-dir", join(this.home, "kube-cache"), ...args], {
      input,
      env: {},
    });
  }

  /** Process ids of everything alive whose command line names this home. */
  async processes(): Promise<{ pid: number; command: string }[]> {
    const listing = await run("ps", ["-eo", "pid=,stat=,args="], { env: {} });
    return listing.stdout
      .split("\n")
      .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
      .filter((match) => match !== null && !match[2]!.startsWith("Z") && match[3]!.includes(this.home))
      .map((match) => ({ pid: Number(match![1]), command: match![3]! }));
  }

  /** Ends everything and removes the home. */
  async destroy(): Promise<void> {
    await this.slipway(["down"]);
    for (const { pid } of await this.processes()) process.kill(pid, "SIGKILL");
    await rm(this.home, { recursive: true, force: true });
  }

  /** The tail of the platform's logs, for a failing test's message. */
  async log(component: string): Promise<string> {
    return (await readFile(join(this.home, "logs", `${component}.log`), "utf8").catch(() => ""))
      .split("\n")
      .slice(-40)
      .join("\n");
  }
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  options: { input?: string | undefined; env?: Record<string, string>; cwd?: string } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...options.env }, cwd: options.cwd ?? root });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    // A command that ends without reading its input closes the pipe; that is its right.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}
