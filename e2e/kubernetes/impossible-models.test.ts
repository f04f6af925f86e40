// What a cluster cannot satisfy is a sentence on the Model within seconds, and what the schema cannot say is refused at once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kubectl, kubectlApply } from "../cluster/index.ts";
import { manifest } from "../harness/digits.ts";
import { eventually } from "../harness/eventually.ts";
import { type AdministratorsPolicy, changingMissing, underPolicy } from "./harness/administrators-policy.ts";
import { DigitsInCluster } from "./harness/digits-in-cluster.ts";
import { Installation, modelNamespace } from "./harness/installation.ts";
import { leftOut } from "./harness/use-cluster.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** A Model's spec, changed so that the cluster cannot run it. */
interface Impossible {
  readonly what: string;
  readonly change: (spec: Record<string, unknown>) => Record<string, unknown>;
  /** What is in the namespace besides. */
  readonly beside?: readonly object[];
  readonly reason: RegExp;
  readonly message: RegExp;
}

const impossible: readonly Impossible[] = [
  {
    what: "a GPU that no node has",
    change: (spec) => ({ ...spec, resources: { ...(spec.resources as object), gpu: { name: "nvidia.com/gpu", count: 1 } } }),
    reason: /Unschedulable/,
    message: /nvidia\.com\/gpu/,
  },
  {
    what: "more memory than any node has",
    change: (spec) => ({ ...spec, resources: { memory: "4Ti" } }),
    reason: /Unschedulable/,
    message: /memory/,
  },
  {
    what: "a node label that no node has",
    change: (spec) => ({ ...spec, placement: { nodeSelector: { "example.com/pool": "nowhere" } } }),
    reason: /Unschedulable/,
    message: /node/,
  },
  {
    what: "a Secret that is not there",
    change: (spec) => ({ ...spec, secrets: [{ name: "absent", key: "token", env: "TOKEN" }] }),
    reason: /Secret|Config/,
    message: /absent/,
  },
  {
    what: "an image that the registry does not have",
    change: (spec) => ({ ...spec, source: { ...(spec.source as object), image: imageWithDigest(spec, "0".repeat(64)) } }),
    reason: /Image/,
    message: /image/i,
  },
  {
    what: "a quota that is used up",
    change: (spec) => spec,
    beside: [{ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "none" }, spec: { hard: { pods: "0" } } }],
    reason: /Quota/,
    message: /quota/i,
  },
  {
    what: "a limit of the namespace",
    change: (spec) => spec,
    beside: [
      {
        apiVersion: "v1",
        kind: "LimitRange",
        metadata: { name: "small" },
        spec: { limits: [{ type: "Container", max: { memory: "16Mi" } }] },
      },
    ],
    reason: /Forbidden|Limit|Failed/,
    message: /memory/i,
  },
];

/** A pod as the restricted standard has it, and a Deployment of it. */
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "probe", namespace: modelNamespace },
  spec: {
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "probe",
        image: "example/probe",
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
};
const labels = { app: "probe" };
const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: pod.metadata,
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod.spec } },
};

/** What an administrator's policies make impossible. */
const refusing: readonly { what: string; policy: AdministratorsPolicy; reason: string; message: RegExp }[] = [
  {
    // Model pods meet the restricted standard. What a mesh adds to every pod of a namespace does not.
    what: "a container that somebody adds to pods, and pod security refuses",
    policy: {
      name: "mesh-injector",
      resources: ["pods"],
      does: {
        type: "change",
        expression: `Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: "mesh-init", image: "mesh.example/init:1",
          securityContext: Object.spec.initContainers.securityContext{runAsUser: 0}}]}}`,
      },
      refusedWhileItCounts: pod,
    },
    reason: "PodSecurity",
    message: /the namespace enforces the Pod Security Standard restricted:\S+, which refuses: .*mesh-init.*runAsUser=0/,
  },
  {
    what: "pods that a policy of the administrator's refuses",
    policy: {
      name: "pods-have-an-owner",
      resources: ["pods"],
      does: {
        type: "refuse",
        unless: "'team' in object.metadata.?labels.orValue({})",
        message: "a pod must have the label team",
      },
      refusedWhileItCounts: pod,
    },
    reason: "AdmissionDenied",
    message: /the policy pods-have-an-owner of this cluster refuses .*: a pod must have the label team/,
  },
  {
    what: "Deployments that a policy of the administrator's refuses",
    policy: {
      name: "deployments-have-a-cost-centre",
      resources: ["deployments"],
      does: {
        type: "refuse",
        unless: "'cost-centre' in object.metadata.?annotations.orValue({})",
        message: "a Deployment must have the annotation cost-centre",
      },
      refusedWhileItCounts: deployment,
    },
    reason: "AdmissionDenied",
    message:
      /the policy deployments-have-a-cost-centre of this cluster refuses .*: a Deployment must have the annotation cost-centre/,
  },
];

describe("what a cluster cannot satisfy", { skip: leftOut("what a cluster cannot satisfy") }, () => {
  let installation: Installation;
  let model: { apiVersion: string; kind: string; metadata: { name: string; namespace?: string }; spec: Record<string, unknown> };

  before(async () => {
    installation = await Installation.up();
    const digits = await DigitsInCluster.prepare(installation);
    const { parse } = await import("yaml");
    model = parse(digits.form("v1"));
  });
  after(() => installation?.close());

  for (const { what, change, beside = [], reason, message } of impossible) {
    test(`${what}: the condition says so within 20 s`, async (t) => {
      const inNamespace = beside.map((object) => ({ ...object, metadata: { ...nameOf(object), namespace: modelNamespace } }));
      try {
        if (inNamespace.length > 0) await kubectlApply(inNamespace);
        await kubectlApply([{ ...model, metadata: { name: "impossible", namespace: modelNamespace }, spec: change(model.spec) }]);
        const ready = await eventually(`Ready says ${reason}`, 20, async () => {
          const found = await conditionOf("impossible", "Ready");
          return found !== undefined && reason.test(found.reason) ? found : Promise.reject(new Error(JSON.stringify(found)));
        });
        t.diagnostic(`${ready.reason}: ${ready.message}`);
        assert.equal(ready.status, "False");
        assert.match(ready.message, message);
        assert.ok(ready.message.length < 600 && !/\n/.test(ready.message), ready.message);
        assert.doesNotMatch(ready.message, /\bat .*:\d+:\d+/);
      } finally {
        await kubectl("-n", modelNamespace, "delete", "model", "impossible", "--ignore-not-found", "--timeout=90s");
        for (const object of inNamespace) {
          const { kind } = object as unknown as { kind: string };
          await kubectl("-n", modelNamespace, "delete", kind, object.metadata.name, "--ignore-not-found");
        }
      }
    });
  }

  test("an image for another architecture: the condition says so within 20 s", async (t) => {
    const image = await installation.foreignImage(manifest("v1"));
    const source = { ...(model.spec.source as object), image };
    try {
      await kubectlApply([
        { ...model, metadata: { name: "impossible", namespace: modelNamespace }, spec: { ...model.spec, source } },
      ]);
      const ready = await eventually("Ready says that it is another architecture's", 20, async () => {
        const found = await conditionOf("impossible", "Ready");
        const said = found !== undefined && /architecture/.test(found.message);
        return said ? found : Promise.reject(new Error(JSON.stringify(found)));
      });
      t.diagnostic(`${ready.reason}: ${ready.message}`);
      assert.equal(ready.status, "False");
    } finally {
      await kubectl("-n", modelNamespace, "delete", "model", "impossible", "--ignore-not-found", "--timeout=90s");
    }
  });

  for (const { what, policy, reason, message } of refusing) {
    test(`${what}: the condition says so within 20 s`, async (t) => {
      const missing = policy.does.type === "change" ? await changingMissing() : undefined;
      if (missing !== undefined) {
        console.error(`left out: ${what}. ${missing}`);
        return t.skip(missing);
      }
      await underPolicy(policy, modelNamespace, async () => {
        try {
          await kubectlApply([{ ...model, metadata: { name: "impossible", namespace: modelNamespace } }]);
          const ready = await eventually(`Ready says ${reason}`, 20, async () => {
            const found = await conditionOf("impossible", "Ready");
            return found?.reason === reason ? found : Promise.reject(new Error(JSON.stringify(found)));
          });
          t.diagnostic(`${ready.reason}: ${ready.message}`);
          assert.equal(ready.status, "False");
          assert.match(ready.message, message);
          assert.ok(ready.message.length < 800 && !/\n/.test(ready.message), ready.message);
        } finally {
          await kubectl("-n", modelNamespace, "delete", "model", "impossible", "--ignore-not-found", "--timeout=90s");
        }
      });
    });
  }

  test("a namespace that was not opened: the condition names the command", async () => {
    await kubectl("create", "namespace", "closed");
    try {
      await kubectlApply([{ ...model, metadata: { name: "digits", namespace: "closed" } }]);
      await eventually("Ready says that the namespace is not open", 20, async () => {
        const found = await conditionOf("digits", "Ready", "closed");
        return found?.reason === "NamespaceNotOpened" && /slipway install .*--model-namespace closed/.test(found.message);
      });
    } finally {
      await kubectl("-n", "closed", "delete", "model", "digits", "--ignore-not-found", "--timeout=90s");
      await kubectl("delete", "namespace", "closed", "--timeout=90s");
    }
  });

  const refused: readonly [what: string, spec: (spec: Record<string, unknown>) => Record<string, unknown>, message: RegExp][] = [
    ["no image", ({ source, ...spec }) => ({ ...spec, source: { bundle: (source as { bundle: string }).bundle } }), /image/],
    ["an unknown field", (spec) => ({ ...spec, replica: 1 }), /unknown field|replica/],
    ["more at least than at most", (spec) => ({ ...spec, scaling: { minReplicas: 3, maxReplicas: 2 } }), /minReplicas/],
  ];
  for (const [what, spec, message] of refused) {
    test(`${what} is refused at once`, async () => {
      const object = { ...model, metadata: { name: "refused", namespace: modelNamespace }, spec: spec(model.spec) };
      await assert.rejects(kubectlApply([object]), message);
    });
  }

  test("a name that no Service could have, and a Revision made by hand, are refused", async () => {
    await assert.rejects(kubectlApply([{ ...model, metadata: { name: "a.b", namespace: modelNamespace } }]), /name of a Model/);
    const revision = {
      apiVersion: model.apiVersion,
      kind: "Revision",
      metadata: { name: "digits-0123456789", namespace: modelNamespace },
      spec: {
        model: "digits",
        number: 1,
        source: { bundle: (model.spec.source as { bundle: string }).bundle.replace(/^.*@/, "") },
      },
    };
    await assert.rejects(kubectlApply([revision]), /never by hand/);
  });

  async function conditionOf(name: string, type: string, namespace = modelNamespace): Promise<Condition | undefined> {
    const text = await kubectl("-n", namespace, "get", "model", name, "-o", "jsonpath={.status.conditions}");
    return text === "" ? undefined : (JSON.parse(text) as Condition[]).find((condition) => condition.type === type);
  }
});

function nameOf(object: object): { name: string } {
  return (object as { metadata: { name: string } }).metadata;
}

function imageWithDigest(spec: Record<string, unknown>, hex: string): string {
  return (spec.source as { image: string }).image.replace(/@sha256:.*$/, `@sha256:${hex}`);
}
