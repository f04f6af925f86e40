import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { renderInstall } from "../install/render-install.ts";
import { image } from "../testing/resources.ts";
import { renderChart } from "./render-chart.ts";

const files = renderChart("0.1.0");

test("the templates have every object of an installation but the namespace, and nothing that stands for a value", () => {
  const text = Object.values(files).join("");
  assert.ok(!/chart-(image|namespace|model|host|parent)/.test(text));
  const expected = renderInstall({ image, version: "0.1.0", parentGateway: { namespace: "infra", name: "public" } })
    .filter(({ kind }) => kind !== "Namespace")
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const templates = `${files["templates/kinds.yaml"]}${files["templates/platform.yaml"]}`;
  const found = templates
    .split(/^---$/m)
    .flatMap((part) => /^kind: (\w+)$[\s\S]*?^ {2}name: (\S+)$/m.exec(part)?.slice(1, 3).join(" ") ?? []);
  assert.deepEqual(found.sort(), expected.sort());
});

test("what the values decide is an expression, and definitions outlive a release", () => {
  const platform = files["templates/platform.yaml"]!;
  assert.match(platform, /image: \{\{ \.Values\.image \}\}/);
  assert.match(platform, /replicas: \{\{ \.Values\.gateway\.replicas \}\}/);
  assert.match(platform, /name: SLIPWAY_HOSTS\n\s+value: \{\{ join "," \.Values\.hosts \| quote \}\}/);
  assert.match(
    platform,
    /\{\{- range \$namespace := \.Values\.modelNamespaces \}\}\n---\napiVersion[\s\S]*?namespace: \{\{ \$namespace \| quote \}\}/,
  );
  assert.equal(files["templates/kinds.yaml"]!.match(/helm\.sh\/resource-policy: keep/g)?.length, 2);
  assert.deepEqual(Object.keys(parse(files["values.yaml"]!)), [
    "image",
    "modelNamespaces",
    "hosts",
    "parentGateway",
    "operator",
    "gateway",
  ]);
});
