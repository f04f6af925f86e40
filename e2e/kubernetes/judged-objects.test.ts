// Everything we render for a cluster, judged by tools of others: kubeconform, the pod security standard's own module, kube-score.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { KubernetesObject } from "@slipway/kubernetes";
import { run } from "../harness/platform.ts";
import { judge, judgesMissing } from "./judges/judge-binaries.ts";
import { writeSchemaFolder } from "./judges/recorded-schemas.ts";
import { type Rendered, renderedInstallations, renderedRevisions, sampleModel } from "./judges/rendered.ts";
import { allowedFindings, type Finding, scoreFindings } from "./judges/score-findings.ts";

const skip = judgesMissing("kubeconform", "kube-score", "pod-security") ?? false;
if (skip !== false) console.error(`left out: rendered objects judged by kubeconform, pod-security and kube-score. ${skip}`);

const rendered: readonly Rendered[] = [
  ...renderedInstallations(),
  ...renderedRevisions(),
  { name: "a Model", objects: [sampleModel("placed") as unknown as KubernetesObject] },
];

describe("rendered objects are judged", { skip }, () => {
  describe("by kubeconform, with the API server's own schemas", () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-schemas-"));
    let location: string;
    before(() => {
      location = writeSchemaFolder(folder);
    });
    after(() => rmSync(folder, { recursive: true }));

    interface Judgement {
      readonly status: string;
      readonly kind: string;
      readonly name: string;
      readonly msg: string;
    }

    async function invalid(objects: readonly object[]): Promise<Judgement[]> {
      const args = ["-strict", "-verbose", "-output", "json", "-schema-location", location, "-"];
      const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
      const { stdout, stderr } = await run(await judge("kubeconform"), args, { input: list });
      assert.notEqual(stdout, "", stderr);
      const { resources } = JSON.parse(stdout) as { resources: Judgement[] };
      assert.equal(resources.length, objects.length, "every object was judged");
      return resources.filter(({ status }) => status !== "statusValid");
    }

    for (const { name, objects } of rendered) {
      test(name, async () => assert.deepEqual(await invalid(objects), []));
    }

    test("which refuses an unknown field, a wrong type, a field left out, and a kind it does not know", async () => {
      const deployment = rendered[2]!.objects.find(({ kind }) => kind === "Deployment")!;
      const spec = deployment.spec as Record<string, unknown>;
      const { selector: _selector, ...unselected } = spec;
      const wrong = [
        { ...deployment, spec: { ...spec, replica: 1 } },
        { ...deployment, spec: { ...spec, replicas: "1" } },
        { ...deployment, spec: unselected },
        { ...deployment, kind: "Deploiement" },
        { ...sampleModel("plain"), spec: { source: { bundle: "latest" } } },
      ];
      const found = await invalid(wrong);
      assert.equal(found.length, wrong.length, JSON.stringify(found, undefined, 1));
    });
  });

  describe("by the pod security standard, restricted, latest version", () => {
    type Template = { metadata?: unknown; spec: { containers: Record<string, unknown>[] } & Record<string, unknown> };

    async function verdicts(pods: readonly Template[]): Promise<string[]> {
      const { code, stdout, stderr } = await run(await judge("pod-security"), [], { input: JSON.stringify(pods) });
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as string[];
    }
    const pods = ({ objects }: Rendered) =>
      objects.filter(({ kind }) => kind === "Deployment").map(({ spec }) => (spec as { template: Template }).template);

    for (const each of rendered.slice(0, -1)) {
      test(each.name, async () => {
        const found = await verdicts(pods(each));
        assert.ok(found.length > 0);
        assert.deepEqual(
          found,
          found.map(() => ""),
        );
      });
    }

    test("which refuses a privileged container, root, a host path, a capability and no seccomp profile", async () => {
      const [good] = pods(rendered[0]!);
      const withContainer = (securityContext: object): Template => ({
        ...good!,
        spec: { ...good!.spec, containers: good!.spec.containers.map((each) => ({ ...each, securityContext })) },
      });
      const restricted = (good!.spec.containers[0] as { securityContext: object }).securityContext;
      const wrong: [Template, RegExp][] = [
        [withContainer({ ...restricted, privileged: true }), /privileged/],
        [withContainer({ ...restricted, runAsNonRoot: false }), /runAsNonRoot/],
        [withContainer({ ...restricted, capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }), /NET_ADMIN/],
        [withContainer({ ...restricted, allowPrivilegeEscalation: true }), /allowPrivilegeEscalation/],
        [{ ...good!, spec: { ...good!.spec, hostNetwork: true } }, /hostNetwork/],
        [{ ...good!, spec: { ...good!.spec, volumes: [{ name: "host", hostPath: { path: "/" } }] } }, /hostPath/],
      ];
      const found = await verdicts(wrong.map(([pod]) => pod));
      for (const [index, [, expected]] of wrong.entries()) assert.match(found[index]!, expected);
    });
  });

  describe("by kube-score", () => {
    const found: Finding[] = [];
    before(async () => {
      const program = await judge("kube-score");
      for (const { objects } of rendered) found.push(...(await scoreFindings(program, objects)));
    });

    test("finds nothing critical, and warns of nothing, that is not allowed with a reason", () => {
      const unexpected = found.filter(
        ({ check, what }) => !allowedFindings.some((each) => each.check === check && each.what.test(what)),
      );
      assert.deepEqual(unexpected, []);
    });

    for (const allowed of allowedFindings) {
      test(`still finds what is allowed: ${allowed.check} of ${allowed.what}`, () => {
        assert.ok(
          found.some(({ check, what }) => check === allowed.check && allowed.what.test(what)),
          `kube-score no longer finds it; take it off the list (${allowed.reason})`,
        );
      });
    }

    test("which does find a container that may do everything", async () => {
      const deployment = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "bad" },
        spec: {
          selector: { matchLabels: { app: "bad" } },
          template: {
            metadata: { labels: { app: "bad" } },
            spec: { containers: [{ name: "bad", image: "bad:latest", securityContext: { privileged: true } }] },
          },
        },
      };
      const checks = (await scoreFindings(await judge("kube-score"), [deployment])).map(({ check }) => check);
      for (const check of ["container-security-context-privileged", "container-resources", "container-image-tag"])
        assert.ok(checks.includes(check), `${check} among ${checks}`);
    });
  });
});
