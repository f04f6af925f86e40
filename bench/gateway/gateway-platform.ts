import { TestPlatform } from "../../e2e/harness/platform.ts";
import { pin, processorMs, residentMb } from "../load/pinned-process.ts";
import type { BenchModel } from "../models/models.ts";
import type { Server } from "../serving/server.ts";

/** A whole platform on a home of its own, every process on the servers' core. */
export class GatewayPlatform {
  private readonly platform: TestPlatform;

  private constructor(platform: TestPlatform) {
    this.platform = platform;
  }

  static async start(): Promise<GatewayPlatform> {
    return new GatewayPlatform(await TestPlatform.up());
  }

  /** Applies a Model with one replica; resolves when it is ready. */
  async serve(model: BenchModel): Promise<Server> {
    const { platform } = this;
    const name = `bench-${model.name}`;
    const manifest = { apiVersion: "slipway.dev/v1alpha1", kind: "Model", metadata: { name } };
    const spec = { source: { path: model.folder }, replicas: 1 };
    const applied = await platform.slipway(["apply", "-f", "-", "--wait"], JSON.stringify({ ...manifest, spec }));
    if (applied.code !== 0) throw new Error(applied.stderr);
    const processes = await platform.processes();
    for (const { pid } of processes) pin(1, pid);
    const pids = processes.filter(({ command }) => / (gateway|replica) /.test(command)).map(({ pid }) => pid);
    const measured = { memoryMb: () => residentMb(pids), cpuMs: () => processorMs(pids) };
    const all = { ...measured, pause: () => {}, resume: () => {}, stop: () => this.remove(name) };
    const endpoint = { path: `/v2/models/${name}/infer`, form: "oip", encodings: ["json", "binary"] } as const;
    return { ...endpoint, name: "gateway", health: "/v2/health/live", canPause: false, origin: platform.gateway, process: all };
  }

  /** Ends everything. */
  destroy(): Promise<void> {
    return this.platform.destroy();
  }

  private async remove(name: string): Promise<void> {
    await this.platform.slipway(["delete", "model", name]);
  }
}
