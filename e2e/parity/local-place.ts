import type { ApiRequest, CommandAnswer, GatewayRequest, HttpAnswer, ParityPlace, ParitySource } from "@slipway/testkit";
import { eventually } from "../harness/eventually.ts";
import { TestPlatform } from "../harness/platform.ts";
import { ApiDoor } from "./api-door.ts";
import { jsonOrText } from "./json-or-text.ts";
import { ParitySources } from "./parity-sources.ts";

const timeoutMs = 60_000;

interface ReplicaItem {
  readonly name: string;
  readonly model: string;
  readonly pid: number;
  readonly state: string;
}

/** The parity scenarios' place on this machine: the platform that `slipway up` starts. */
export class LocalPlace implements ParityPlace {
  readonly name = "local";
  readonly namespace = "default";
  private readonly platform: TestPlatform;
  private readonly sources: ParitySources;
  private readonly door: ApiDoor;
  private readonly built = new Map<ParitySource, object>();

  private constructor(platform: TestPlatform, sources: ParitySources, door: ApiDoor) {
    this.platform = platform;
    this.sources = sources;
    this.door = door;
  }

  static async up(): Promise<LocalPlace> {
    const platform = await TestPlatform.up();
    return new LocalPlace(platform, await ParitySources.create(), await ApiDoor.open(platform.kubeconfig));
  }

  async source(name: ParitySource): Promise<object> {
    const known = this.built.get(name);
    if (known !== undefined) return known;
    const { digest } = await this.platform.json<{ digest: string }>("build", await this.sources.directory(name));
    const source = { bundle: digest };
    this.built.set(name, source);
    return source;
  }

  api(request: ApiRequest): Promise<HttpAnswer> {
    return this.door.call(request);
  }

  async gateway({ method, path, body }: GatewayRequest): Promise<HttpAnswer> {
    const response = await fetch(`${this.platform.gateway}${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: jsonOrText(await response.text()) };
  }

  slipway(args: readonly string[], input?: string): Promise<CommandAnswer> {
    return this.platform.slipway(args, input);
  }

  kubectl(args: readonly string[], input?: string): Promise<CommandAnswer> {
    return this.platform.kubectl(args, input);
  }

  async crashOneReplica(model: string): Promise<string> {
    return this.signal(model, "SIGKILL");
  }

  async drainOneReplica(model: string): Promise<string> {
    return this.signal(model, "SIGTERM");
  }

  async restartControl(): Promise<void> {
    const control = await this.control();
    process.kill(control!, "SIGKILL");
    await eventually("control answers again", 60, async () => {
      const { code } = await this.slipway(["get", "models"]);
      return code === 0 && (await this.control()) !== control;
    });
  }

  async close(): Promise<void> {
    await this.door.close();
    await this.platform.destroy();
    await this.sources.remove();
  }

  private async signal(model: string, signal: "SIGKILL" | "SIGTERM"): Promise<string> {
    const { items } = await this.platform.json<{ items: ReplicaItem[] }>("get", "replicas");
    const victim = items.find((replica) => replica.model === model && replica.state === "ready");
    if (victim === undefined) throw new Error(`${model} has no ready replica`);
    process.kill(victim.pid, signal);
    return victim.name;
  }

  private async control(): Promise<number | undefined> {
    return (await this.platform.processes()).find(({ command }) => / control( |$)/.test(command))?.pid;
  }
}
