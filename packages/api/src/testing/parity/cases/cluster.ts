import { apply, type Case, get, merge, post } from "../case.ts";
import { bundle, model, models, partOfModel } from "../objects.ts";

const a = `${models}/a`;
const hex = "b".repeat(64);
const image = `registry.example/team/a@sha256:${hex}`;

const made = (...specs: readonly Record<string, unknown>[]) => specs.map((spec) => post(models, model("a", spec)));
const secrets = (...entries: readonly unknown[]) => ({ secrets: entries });
const egress = (entry: unknown) => ({ network: { egress: [entry] } });
const toleration = (entry: unknown) => ({ placement: { tolerations: [entry] } });
const cpuMetric = (target: number) => ({ type: "cpu", target });

/** Fields of a Model that matter in a cluster: what is taken, who owns it, what is refused. */
export const clusterCases: readonly Case[] = [
  {
    name: "a Model with every field of a cluster",
    steps: [
      ...made({
        source: { bundle, image },
        resources: { cpu: "1", memory: "1Gi", gpu: { name: "nvidia.com/gpu", count: 2 } },
        scaling: { metrics: [cpuMetric(60), { type: "memory", target: 80 }] },
        secrets: [
          { name: "hub", env: "HUB_TOKEN" },
          { name: "database", key: "password", file: "/run/secrets/database/password" },
        ],
        placement: {
          nodeSelector: { "node.example/pool": "gpu" },
          tolerations: [{ key: "spot" }, { operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 }],
          spread: ["zone", "node"],
          priorityClassName: "high",
          imagePullSecrets: ["registry"],
          architecture: "arm64",
        },
        network: {
          egress: [
            { cidr: "10.1.0.0/16", ports: [443] },
            { cidr: "2001:db8::/32", ports: [53], protocol: "UDP" },
          ],
        },
      }),
      get(a),
    ],
  },
  {
    name: "metrics are shared by their type",
    steps: [
      apply("cli", a, model("a", { resources: { cpu: "1", memory: "1Gi" }, scaling: { metrics: [cpuMetric(60)] } })),
      apply("scaler", a, partOfModel("a", { scaling: { metrics: [{ type: "memory", target: 80 }] } })),
      apply("scaler", a, partOfModel("a", { scaling: { metrics: [cpuMetric(70)] } })),
      apply("cli", a, model("a", { resources: { cpu: "1", memory: "1Gi" } })),
    ],
  },
  {
    name: "a placement is shared by label and by name",
    steps: [
      apply("cli", a, model("a", { placement: { nodeSelector: { pool: "gpu" }, spread: ["zone"], imagePullSecrets: ["one"] } })),
      apply(
        "team",
        a,
        partOfModel("a", { placement: { nodeSelector: { rack: "7" }, spread: ["node"], imagePullSecrets: ["two"] } }),
      ),
      apply("team", a, partOfModel("a", { placement: { nodeSelector: { pool: "cpu" } } })),
      apply("cli", a, model("a")),
    ],
  },
  {
    name: "secrets, tolerations and egress have one owner each",
    steps: [
      apply("cli", a, model("a", { ...secrets({ name: "hub", env: "A" }), ...toleration({ key: "a" }) })),
      apply("team", a, partOfModel("a", secrets({ name: "hub", env: "B" }))),
      apply("team", a, partOfModel("a", toleration({ key: "b" }))),
      apply("team", a, partOfModel("a", egress({ cidr: "10.0.0.0/8", ports: [1, 2] }))),
      merge(a, { spec: egress({ cidr: "10.0.0.0/8", ports: [3] }) }),
    ],
  },
  {
    name: "an image that could be another one tomorrow",
    steps: made(
      { source: { bundle, image: "registry.example/a:1" } },
      { source: { bundle, image: `registry.example/a:1@sha256:${hex}` } },
    ),
  },
  {
    name: "devices that cannot be",
    steps: made(
      { resources: { gpu: { name: "gpu", count: 1 } } },
      { resources: { gpu: { name: "kubernetes.io/gpu", count: 1 } } },
      { resources: { gpu: { name: "nvidia.com/gpu", count: 0 } } },
      { resources: { gpu: { name: "nvidia.com/gpu" } } },
    ),
  },
  {
    name: "metrics that cannot be",
    steps: made(
      { scaling: { metrics: [cpuMetric(50)] } },
      { resources: { cpu: "1" }, scaling: { metrics: [cpuMetric(91)] } },
      { resources: { cpu: "1" }, scaling: { metrics: [cpuMetric(50), cpuMetric(60)] } },
      { resources: { cpu: "1" }, scaling: { metrics: [{ type: "gpu", target: 50 }] } },
    ),
  },
  {
    name: "secrets that cannot be",
    steps: made(
      secrets({ name: "hub" }),
      secrets({ name: "hub", env: "A", file: "/run/secrets/a" }),
      secrets({ name: "hub", env: "NODE_OPTIONS" }),
      secrets({ name: "hub", env: "1A" }),
      secrets({ name: "hub", file: "/etc/slipway/tls/tls.key" }),
      secrets({ name: "hub", file: "/run/../etc/shadow" }),
      secrets({ name: "hub", key: "../a", env: "A" }),
    ),
  },
  {
    name: "secrets that give one thing twice",
    steps: made(
      secrets({ name: "one", env: "A" }, { name: "two", env: "A" }),
      secrets({ name: "one", file: "/run/a/b" }, { name: "two", file: "/run/a/b/c" }),
    ),
  },
  {
    name: "placements that cannot be",
    steps: made(
      toleration({}),
      toleration({ key: "a", operator: "Exists", value: "b" }),
      toleration({ key: "a", tolerationSeconds: 3 }),
      toleration({ key: "not a key" }),
      { placement: { nodeSelector: { "not a key": "x" } } },
      { placement: { nodeSelector: { a: "not a value!" } } },
      { placement: { spread: ["zone", "zone"] } },
      { placement: { spread: ["rack"] } },
      { placement: { architecture: "x86_64" } },
      { placement: { priorityClassName: "Not a name" } },
    ),
  },
  {
    name: "egress that cannot be",
    steps: made(
      egress({ cidr: "10.1.2.3", ports: [443] }),
      egress({ cidr: "10.1.2.3/16", ports: [443] }),
      egress({ cidr: "169.254.169.254/32", ports: [80] }),
      egress({ cidr: "::ffff:10.0.0.0/104", ports: [80] }),
      egress({ cidr: "10.0.0.0/8" }),
      egress({ cidr: "10.0.0.0/8", ports: [] }),
      egress({ cidr: "10.0.0.0/8", ports: [443, 443] }),
      egress({ cidr: "10.0.0.0/8", ports: [0] }),
      egress({ cidr: "10.0.0.0/8", ports: [443], protocol: "tcp" }),
    ),
  },
];
