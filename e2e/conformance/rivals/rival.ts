import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { eventually } from "../../harness/eventually.ts";
import { root } from "../../harness/platform.ts";
import { pythonEnvironment, pythonSettings } from "../../python/python-environment.ts";

/** A server that others wrote, with the suite's model in Python. */
export class Rival {
  readonly url: string;
  /** HOST:PORT of gRPC. */
  readonly grpc: string;
  private readonly process: ChildProcess;

  private constructor(process: ChildProcess, ports: readonly number[]) {
    this.process = process;
    this.url = `http://127.0.0.1:${ports[0]}`;
    this.grpc = `127.0.0.1:${ports[1]}`;
  }

  /** Installs it from its lock, starts it and waits until the model is ready. */
  static async start(name: "kserve" | "mlserver"): Promise<Rival> {
    const python = await pythonEnvironment(join(root, "e2e", "python", `${name}.lock`));
    const ports = await freePorts(3);
    const child = spawn(python, [join(import.meta.dirname, `serve_${name}.py`), ...ports.map(String)], {
      env: { ...process.env, ...pythonSettings },
      stdio: ["ignore", "ignore", "ignore"],
    });
    const rival = new Rival(child, ports);
    await eventually(`${name} is ready`, 60, async () => (await fetch(`${rival.url}/v2/models/every-type/ready`)).ok);
    return rival;
  }

  async stop(): Promise<void> {
    const exited = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await exited;
  }
}

/** Ports that nobody listens on now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
