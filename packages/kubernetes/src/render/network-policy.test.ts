import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { at } from "../testing/at.ts";
import { modelSpecs } from "../testing/model-specs.ts";
import { image, modelOf, revisionOf } from "../testing/resources.ts";
import { networkPolicy } from "./network-policy.ts";

const rendered = (spec: Record<string, unknown>) => {
  const model = modelOf(spec);
  return networkPolicy({
    model,
    revision: revisionOf(model),
    settings: { image, replicas: 1, systemNamespace: "slipway-system" },
  });
};
const egressOf = (spec: Record<string, unknown>) => at<unknown[]>(rendered(spec), "spec", "egress");

test("a Model that names nothing may look up names, and nothing else", () => {
  const [dns, ...more] = egressOf({});
  assert.deepEqual(at(dns, "ports"), [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ]);
  assert.deepEqual(more, []);
});

test("only gateways of this installation may send frames, only its operator may read metrics, and nothing else comes in", () => {
  const from = (component: string) => [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "slipway-system" } },
      podSelector: { matchLabels: { "app.kubernetes.io/part-of": "slipway", "app.kubernetes.io/component": component } },
    },
  ];
  assert.deepEqual(at(rendered({}), "spec", "ingress"), [
    { from: from("gateway"), ports: [{ protocol: "TCP", port: 7880 }] },
    { from: from("operator"), ports: [{ protocol: "TCP", port: 7881 }] },
  ]);
});

test("what a Model names is let out, but for a cloud's metadata service", () => {
  const egress = [
    { cidr: "10.1.0.0/16", ports: [5432, 443] },
    { cidr: "0.0.0.0/0", ports: [443] },
    { cidr: "::/0", ports: [53], protocol: "UDP" },
  ];
  assert.deepEqual(egressOf({ network: { egress } }).slice(1), [
    {
      to: [{ ipBlock: { cidr: "10.1.0.0/16" } }],
      ports: [
        { protocol: "TCP", port: 5432 },
        { protocol: "TCP", port: 443 },
      ],
    },
    {
      to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }],
      ports: [{ protocol: "TCP", port: 443 }],
    },
    { to: [{ ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128"] } }], ports: [{ protocol: "UDP", port: 53 }] },
  ]);
});

test("no rule is without a peer or without ports: either would mean all of them", () => {
  fc.assert(
    fc.property(modelSpecs, (spec) => {
      const { ingress, egress } = at<{ ingress: object[]; egress: object[] }>(rendered(spec), "spec");
      for (const rule of [...ingress, ...egress]) {
        assert.ok(at<unknown[]>(rule, "ports").length > 0);
        assert.ok((at<unknown[] | undefined>(rule, "from") ?? at<unknown[]>(rule, "to")).length > 0);
      }
    }),
  );
});
