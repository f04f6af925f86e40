import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubectl, kubectlGet } from "../../cluster/index.ts";
import { eventually } from "../../harness/eventually.ts";
import { type CommandResult, root, run } from "../../harness/platform.ts";
import { type BorrowedCluster, useCluster } from "./use-cluster.ts";

/** Where the platform's own pods run. */
export const systemNamespace = "slipway-system";

/** The namespace that most tests' models live in; it enforces the restricted Pod Security Standard. */
export const modelNamespace = "models";

/** An answer of the gateway. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Slipway as an administrator installs it in the cluster of the tests, and a user of it. */
export class Installation {
  readonly cluster: BorrowedCluster;
  /** REGISTRY of the cluster: where images are pushed to. */
  readonly registry: string;
  /** The platform's own image, by digest. */
  readonly image: string;
  /** Address of the gateways' Service. */
  readonly gateway: string;
  /** What a user sends with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the models are made that {@link apply} takes and {@link close} removes. */
  readonly modelNamespace: string;
  private readonly home: string;
  private readonly context: string;

  private constructor(
    cluster: BorrowedCluster,
    parts: {
      registry: string;
      image: string;
      gateway: string;
      headers: Record<string, string>;
      modelNamespace: string;
      home: string;
      context: string;
    },
  ) {
    this.cluster = cluster;
    this.registry = parts.registry;
    this.image = parts.image;
    this.gateway = parts.gateway;
    this.headers = parts.headers;
    this.modelNamespace = parts.modelNamespace;
    this.home = parts.home;
    this.context = parts.context;
  }

  /** Brings the cluster up if need be, builds and pushes the platform's image, installs it, opens the namespace, and makes an API key. */
  static async up(namespace = modelNamespace, bring: Bring = withSlipway): Promise<Installation> {
    const cluster = await useCluster();
    const registry = cluster.registry ?? process.env.SLIPWAY_TEST_REGISTRY;
    if (registry === undefined)
      throw new Error("SLIPWAY_TEST_REGISTRY must name a registry that the cluster of KUBECONFIG pulls from");
    const home = await mkdtemp(join(tmpdir(), "slipway-cluster-"));
    const slipway = slipwayOf(cluster, home, registry);
    // Both architectures, as a release would have them: what cannot run here is checked file by file.
    const image = await runtimeImage(slipway, registry);
    const context = await currentContext();
    const { kubeconfig } = cluster;
    await bring({ slipway: (args) => okay(slipway, [...args, "--context", context]), image, namespace, kubeconfig });
    const created = await okay(slipway, ["key", "create", `e2e-${process.pid}`, "--context", context]);
    const key = created.stdout.match(/slw_\S+/)![0];
    const headers = { host: `slipway-gateway.${systemNamespace}.svc`, authorization: `Bearer ${key}` };
    const gateway = await gatewayAddress();
    return new Installation(cluster, { registry, image, gateway, headers, modelNamespace: namespace, home, context });
  }

  /** Runs one command against the cluster; never throws for its exit code. */
  slipway(args: readonly string[], input?: string): Promise<CommandResult> {
    return slipwayOf(this.cluster, this.home, this.registry)([...args, "--context", this.context], input);
  }

  /** Runs one command that asks no cluster. */
  slipwayAlone(args: readonly string[], input?: string): Promise<CommandResult> {
    return slipwayOf(this.cluster, this.home, this.registry)(args, input);
  }

  /** Runs one command that must exit 0. */
  ok(...args: string[]): Promise<CommandResult> {
    return okay((given) => this.slipway(given), args);
  }

  /** A command's standard output as JSON. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse((await this.ok(...args, "-o", "json")).stdout) as T;
  }

  /** Builds and pushes the platform's image another way, as `slipway runtime-image` is told to; gives its reference by digest. */
  otherImage(...flags: string[]): Promise<string> {
    return runtimeImage((args) => this.slipwayAlone(args), this.registry, ...flags);
  }

  /** The manifest as `kubectl apply` takes it, once its model is built, and pushed as an image under `name`. */
  digestForm(manifest: string, name: string): Promise<string> {
    return this.pushModel(manifest, name, this.image, "-o", "yaml");
  }

  /** The image of a manifest's model on a runtime that no node of the cluster can run, by digest. */
  async foreignImage(manifest: string): Promise<string> {
    const runtime = await this.otherImage("--architecture", process.arch === "arm64" ? "amd64" : "arm64");
    return (await this.pushModel(manifest, "foreign-digits", runtime)).trim();
  }

  private async pushModel(manifest: string, name: string, runtime: string, ...flags: string[]): Promise<string> {
    const file = join(this.home, `${name}.yaml`);
    await writeFile(file, manifest);
    const args = ["image", "-f", file, "--runtime", runtime, "--to", `${this.registry}/${name}`, ...flags];
    return (await okay((given) => this.slipwayAlone(given), args)).stdout;
  }

  /** Applies a manifest in digest form as an administrator does. */
  async apply(manifest: string): Promise<void> {
    const file = join(this.home, "applied.yaml");
    await writeFile(file, manifest);
    await kubectl("-n", this.modelNamespace, "apply", "-f", file);
  }

  /** The path of a Model's inference at the gateway. */
  inferUrl(model: string): string {
    return `${this.gateway}/namespaces/${this.modelNamespace}/v2/models/${model}/infer`;
  }

  /** Sends one request to the gateways. */
  call(path: string, options: { method?: string; body?: string; headers?: Record<string, string> } = {}): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { method = options.body === undefined ? "GET" : "POST", body } = options;
      const headers = {
        "content-type": "application/json",
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
        ...this.headers,
        ...options.headers,
      };
      const outgoing = request(new URL(path, this.gateway), { method, headers, timeout: 30_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
        );
        response.on("error", reject);
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 30 s")));
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  /** Removes the models of the tests, and whatever this file brought up. An installation stays for the next file, which installs over it. */
  async close(): Promise<void> {
    const kinds = await kubectl("get", "crd", "models.slipway.dev", "-o", "name", "--ignore-not-found");
    // A file may have uninstalled the platform; then the Models have gone with their kind.
    if (kinds !== "") await kubectl("-n", this.modelNamespace, "delete", "models", "--all", "--wait=true", "--timeout=120s");
    await this.cluster.release();
    await rm(this.home, { recursive: true, force: true });
  }
}

/** Address of the gateways' Service, another one each time that it is made. */
export async function gatewayAddress(): Promise<string> {
  const service = await kubectlGet<{ spec: { clusterIP: string } }>("-n", systemNamespace, "service", "slipway-gateway");
  return `http://${service.spec.clusterIP}`;
}

/** Gets the platform into a cluster: `slipway` runs a command that must exit 0. */
export type Bring = (parts: {
  readonly slipway: (args: readonly string[]) => Promise<CommandResult>;
  readonly image: string;
  readonly namespace: string;
  readonly kubeconfig: string;
}) => Promise<void>;

const withSlipway: Bring = async ({ slipway, image, namespace }) => {
  await slipway(["install", "--image", image, "--model-namespace", namespace]);
};

/** Pods of a component of the platform, or of a Model. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly podIP?: string;
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

/** Pods that carry a label, such as `slipway.dev/model=digits`. */
export async function podsOf(namespace: string, selector: string): Promise<readonly Pod[]> {
  return (await kubectlGet<{ items: Pod[] }>("-n", namespace, "pods", "-l", selector)).items;
}

/** Whether a pod answers and is not on its way out. */
export function isReady(pod: Pod): boolean {
  const ready = pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  return ready && pod.metadata.deletionTimestamp === undefined;
}

/** Waits until a Model has exactly this many pods, all ready. */
export async function modelPodsReady(model: string, count: number, seconds = 90): Promise<readonly Pod[]> {
  return eventually(`exactly ${count} pods of ${model}, all ready`, seconds, async () => {
    const pods = await podsOf(modelNamespace, `slipway.dev/model=${model}`);
    return pods.length === count && pods.every(isReady) ? pods : undefined;
  });
}

/** Which programs run: the pods, and how often each was started again. */
export function identities(pods: readonly Pod[]): string[] {
  return pods.map((pod) => `${pod.metadata.name} ${pod.metadata.uid}, restarted ${restartsOf(pod)} times`).sort();
}

/** How often kubelet has started the programs of a pod again. */
export function restartsOf({ status }: Pod): number {
  return (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

type Slipway = (args: readonly string[], input?: string) => Promise<CommandResult>;

function slipwayOf(cluster: BorrowedCluster, home: string, registry: string): Slipway {
  const env = { SLIPWAY_HOME: join(home, "home"), KUBECONFIG: cluster.kubeconfig, SLIPWAY_INSECURE_REGISTRIES: registry };
  return (args, input) => run(join(root, "bin", "slipway"), args, { input, env });
}

async function runtimeImage(slipway: Slipway, registry: string, ...flags: string[]): Promise<string> {
  return (await okay(slipway, ["runtime-image", "--to", `${registry}/slipway`, ...flags])).stdout.trim();
}

async function currentContext(): Promise<string> {
  return (await kubectl("config", "current-context")).trim();
}

async function okay(slipway: Slipway, args: readonly string[]): Promise<CommandResult> {
  const result = await slipway(args);
  if (result.code !== 0) throw new Error(`slipway ${args.join(" ")} exited ${result.code}\n${result.stderr}${result.stdout}`);
  return result;
}
