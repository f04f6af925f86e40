// The platform is upgraded under steady traffic, and back: operators and gateways are new pods, models do not notice.
import assert from "node:assert/strict";
import { arch } from "node:process";
import { after, before, describe, test } from "node:test";
import { kubectl } from "../cluster/index.ts";
import { summary } from "../harness/digits-traffic.ts";
import { amount } from "../harness/length.ts";
import { DigitsInCluster } from "./harness/digits-in-cluster.ts";
import {
  Installation,
  identities,
  isReady,
  modelNamespace,
  modelPodsReady,
  type Pod,
  podsOf,
  systemNamespace,
} from "./harness/installation.ts";
import { leftOut } from "./harness/use-cluster.ts";

const components = ["operator", "gateway"] as const;

describe("a platform upgrade", { skip: leftOut("a platform upgrade on Kubernetes") }, () => {
  let installation: Installation;
  let digits: DigitsInCluster;
  let other: string;

  before(async () => {
    installation = await Installation.up();
    digits = await DigitsInCluster.prepare(installation);
    // The same programs, but an index over one architecture only: another image to Kubernetes.
    other = await installation.otherImage("--architecture", arch === "x64" ? "amd64" : arch);
    await digits.apply("v1");
    await kubectl("-n", modelNamespace, "scale", "model", "digits", "--replicas=2");
    await modelPodsReady("digits", 2);
  });
  after(() => installation?.close());

  test("I18 an upgrade: every operator and gateway is replaced, no model is restarted, no request fails", async (t) => {
    assert.notEqual(other, installation.image);
    t.diagnostic(await change(other));
  });

  test("the old image again: as little happens to models on the way back", async (t) => {
    t.diagnostic(await change(installation.image));
  });

  async function change(image: string): Promise<string> {
    const before = { models: identities(await modelPodsReady("digits", 2)), platform: await platformPods() };
    const report = await digits.underTraffic(async () => void (await installation.ok("install", "--image", image)), {
      settle: amount(200, 1_000),
    });
    const now = (await platformPods()).filter(isReady);
    for (const component of components) {
      const pods = now.filter(({ metadata }) => metadata.labels["app.kubernetes.io/component"] === component);
      assert.equal(pods.length, 2, component);
      for (const pod of pods) {
        assert.ok(!before.platform.some(({ metadata }) => metadata.uid === pod.metadata.uid), `${pod.metadata.name} is new`);
        assert.equal(pod.spec.containers[0]!.image, image);
      }
    }
    assert.deepEqual(identities(await modelPodsReady("digits", 2)), before.models);
    assert.deepEqual(report.failures, []);
    return summary(report);
  }

  async function platformPods(): Promise<readonly Pod[]> {
    const pods = await Promise.all(
      components.map((component) => podsOf(systemNamespace, `app.kubernetes.io/component=${component}`)),
    );
    return pods.flat();
  }
});
