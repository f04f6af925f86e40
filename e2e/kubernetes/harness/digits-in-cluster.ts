import { kubectl, kubectlGet } from "../../cluster/index.ts";
import { manifest } from "../../harness/digits.ts";
import { digitsTraffic } from "../../harness/digits-traffic.ts";
import type { SteadyTraffic, TrafficReport } from "../../harness/traffic.ts";
import { type Installation, modelNamespace } from "./installation.ts";

/** A version of the digits model. */
export type Version = "v1" | "v2";

/** What the tests read of a Model. */
export interface ModelObject {
  readonly metadata: { readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly latestRevision?: string;
    readonly readyReplicas?: number;
    readonly replicas?: number;
    readonly url?: string;
    readonly traffic?: readonly { readonly revision: string; readonly percent: number }[];
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

/** The digits model in the cluster of an installation. */
export class DigitsInCluster {
  readonly installation: Installation;
  private readonly forms: Readonly<Record<Version, string>>;

  private constructor(installation: Installation, forms: Record<Version, string>) {
    this.installation = installation;
    this.forms = forms;
  }

  /** Builds and pushes both versions; nothing is applied yet. */
  static async prepare(installation: Installation): Promise<DigitsInCluster> {
    const form = (version: Version) => installation.digestForm(manifest(version), "digits");
    return new DigitsInCluster(installation, { v1: await form("v1"), v2: await form("v2") });
  }

  /** The manifest of a version in digest form, as `kubectl apply` takes it. */
  form(version: Version): string {
    return this.forms[version];
  }

  /** Applies a version with `kubectl apply` and waits until it is in force. */
  async apply(version: Version, edit: (text: string) => string = (text) => text): Promise<void> {
    await this.installation.apply(edit(this.forms[version]));
    await this.ready();
  }

  /** Waits as `kubectl wait` does. */
  async ready(): Promise<void> {
    await kubectl("-n", modelNamespace, "wait", "--for=condition=Ready", "model/digits", "--timeout=120s");
  }

  model(): Promise<ModelObject> {
    return kubectlGet<ModelObject>("-n", modelNamespace, "model", "digits");
  }

  /** The revision that gets the requests. */
  async inForce(): Promise<string | undefined> {
    return (await this.model()).status?.traffic?.find(({ percent }) => percent === 100)?.revision;
  }

  /** Sends steady traffic through a change, and some before and after it. */
  underTraffic(
    change: (traffic: SteadyTraffic) => Promise<void>,
    options: { readonly rate?: number; readonly settle?: number } = {},
  ): Promise<TrafficReport> {
    const { rate = 50, settle = 100 } = options;
    const { headers } = this.installation;
    return digitsTraffic({ url: this.installation.inferUrl("digits"), headers, rate, settle }, change);
  }
}
