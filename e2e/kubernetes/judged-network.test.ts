// Who may connect to whom where an installation and some Models are: every pair of pods and outside addresses at every port, by cyclonus' matcher.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { KubernetesObject } from "@slipway/kubernetes";
import { judge, judgesMissing } from "./judges/judge-binaries.ts";
import { type Attempt, allowedAttempts, type Peer, type Port } from "./judges/network-question.ts";
import { renderedInstallations, renderedRevision } from "./judges/rendered.ts";

const skip = judgesMissing("cyclonus") ?? false;
if (skip !== false) console.error(`left out: network policies judged by cyclonus. ${skip}`);

const installation = renderedInstallations()[0]!.objects;
const models = {
  plain: renderedRevision("plain"),
  named: renderedRevision("egress"),
  wide: renderedRevision("wide"),
  elsewhere: renderedRevision("plain", "team-a"),
};

const peers: Readonly<Record<string, Peer>> = {
  operator: podOf(installation, "slipway-operator", "10.0.0.1"),
  gateway: podOf(installation, "slipway-gateway", "10.0.0.2"),
  plain: podOf(models.plain, undefined, "10.0.1.1"),
  named: podOf(models.named, undefined, "10.0.1.2"),
  wide: podOf(models.wide, undefined, "10.0.1.3"),
  elsewhere: podOf(models.elsewhere, undefined, "10.0.1.4"),
  dns: { ip: "10.0.2.1", namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } },
  // Has the DNS' label, but is not where the DNS is.
  falseDns: { ip: "10.0.2.2", namespace: "default", podLabels: { "k8s-app": "kube-dns" } },
  neighbour: { ip: "10.0.3.1", namespace: "default", podLabels: { app: "other" } },
  stranger: { ip: "10.0.3.2", namespace: "other", podLabels: { app: "other" } },
  // Wears the gateway's labels, but not in the system namespace.
  impostor: { ...podOf(installation, "slipway-gateway", "10.0.3.3"), namespace: "default" },
  apiServer: { ip: "192.0.2.10" },
  partner: { ip: "203.0.113.7" },
  internet: { ip: "198.51.100.7" },
  metadata: { ip: "169.254.169.254" },
};

const tcp = (port: number): Port => ({ port, protocol: "TCP" });
const dnsPorts: readonly Port[] = [{ port: 53, protocol: "UDP" }, tcp(53)];
const [inference, frames, health, routes] = [tcp(7878), tcp(7880), tcp(7881), tcp(7882)];
const ports = [...dnsPorts, tcp(80), tcp(443), tcp(6443), inference, frames, health, routes];
const ours = ["operator", "gateway", "plain", "named", "wide", "elsewhere"];
const [operator, gateway] = ["operator", "gateway"];
const outside = ["apiServer", "partner", "internet", "metadata"];
const unguarded = ["dns", "falseDns", "neighbour", "stranger", "impostor"];

/** All that is allowed; whatever is not here is denied. */
const allowed: readonly {
  readonly why: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly at: readonly Port[];
}[] = [
  { why: "gateways send requests to models", from: [gateway], to: ["plain", "named", "wide", "elsewhere"], at: [frames] },
  { why: "control reads the metrics of models", from: [operator], to: ["plain", "named", "wide", "elsewhere"], at: [health] },
  { why: "gateways follow the operator's routes", from: [gateway], to: [operator], at: [routes] },
  { why: "everybody looks up names", from: ours, to: ["dns"], at: dnsPorts },
  { why: "anybody may ask for inference, with a credential", from: [...unguarded, ...outside], to: [gateway], at: [inference] },
  {
    why: "the API server has no pods to select: its ports, at any address that lets it in",
    from: [operator, gateway],
    to: [...outside, ...unguarded],
    at: [tcp(443), tcp(6443)],
  },
  { why: "the network that this model names", from: ["named"], to: ["partner"], at: [tcp(443)] },
  {
    why: "this model names every address, which never is a cloud's metadata service",
    from: ["wide"],
    to: ["apiServer", "partner", "internet", ...unguarded],
    at: [tcp(80)],
  },
];

/** Every pair with one of ours in it, at every port. */
const attempts: readonly Attempt[] = Object.keys(peers).flatMap((from) =>
  Object.keys(peers)
    .filter((to) => to !== from && (ours.includes(from) || ours.includes(to)))
    .flatMap((to) => ports.map((port) => ({ from, to, ...port }))),
);

describe("network policies are judged by cyclonus", { skip }, () => {
  let program: string;
  before(async () => {
    program = await judge("cyclonus");
  });
  const policies = [installation, ...Object.values(models)].flatMap((objects) =>
    objects.filter(({ kind }) => kind === "NetworkPolicy"),
  );

  test(`${attempts.length} attempts: exactly those of the table are allowed`, async () => {
    const found = (await allowedAttempts(program, policies, peers, attempts)).map(line);
    const expected = attempts.filter(isExpected).map(line);
    assert.deepEqual(
      found.filter((each) => !expected.includes(each)),
      [],
      "allowed, and should not be",
    );
    assert.deepEqual(
      expected.filter((each) => !found.includes(each)),
      [],
      "denied, and should not be",
    );
  });

  test("every row of the table is about something", () => {
    for (const row of allowed)
      for (const from of row.from)
        for (const to of row.to)
          assert.ok(
            attempts.some((each) => each.from === from && each.to === to),
            `${row.why}: ${from} to ${to}`,
          );
  });

  for (const [title, kept] of [
    ["without any policy everything is allowed", () => false],
    ["without the models' policies anybody reaches them", ({ metadata }) => metadata.namespace === "slipway-system"],
  ] as [string, (policy: KubernetesObject) => boolean][]) {
    test(title, async () => {
      const found = await allowedAttempts(program, policies.filter(kept), peers, attempts);
      assert.ok(found.some(({ from, to }) => from === "stranger" && to === "plain"));
      assert.ok(found.some(({ from, to }) => from === "plain" && to === "internet"));
    });
  }

  test("a policy that lets pods of every namespace in is found out", async () => {
    const loosened = policies.map((policy) => {
      const spec = policy.spec as { ingress?: object[]; podSelector: { matchLabels?: Record<string, string> } };
      const isPlain = policy.metadata.namespace === "default" && spec.podSelector.matchLabels?.["slipway.dev/model"] === "plain";
      if (!isPlain) return policy;
      return { ...policy, spec: { ...spec, ingress: [{ from: [{ namespaceSelector: {} }], ports: [frames] }] } };
    });
    const found = await allowedAttempts(program, loosened, peers, attempts);
    assert.deepEqual(
      found.filter((each) => !isExpected(each)).map(line),
      unguarded.map((from) => `${from} to plain at 7880 TCP`),
    );
  });
});

function isExpected({ from, to, port, protocol }: Attempt): boolean {
  return allowed.some(
    (row) =>
      row.from.includes(from) && row.to.includes(to) && row.at.some((each) => each.port === port && each.protocol === protocol),
  );
}

function line({ from, to, port, protocol }: Attempt): string {
  return `${from} to ${to} at ${port} ${protocol}`;
}

/** The pods of a Deployment; the only one when it has no name. */
function podOf(objects: readonly KubernetesObject[], name: string | undefined, ip: string): Peer {
  const deployment = objects.find(
    ({ kind, metadata }) => kind === "Deployment" && (name === undefined || metadata.name === name),
  )!;
  const { template } = deployment.spec as { template: { metadata: { labels: Record<string, string> } } };
  return { ip, namespace: deployment.metadata.namespace!, podLabels: template.metadata.labels };
}
