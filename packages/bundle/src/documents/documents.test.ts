import assert from "node:assert/strict";
import { test } from "node:test";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { onnxModel } from "../testing/onnx-model.ts";
import { scratch, scratchStore, writeFiles } from "../testing/scratch.ts";
import { documentBundle } from "./document-bundle.ts";
import { licenceText } from "./licence-choice.ts";
import type { Provenance } from "./provenance.ts";
import { licenceList, type Sbom, type SbomComponent } from "./sbom-document.ts";

const card = `---
license: apache-2.0
tags: [vision, mnist]
datasets: [mnist]
pipeline_tag: image-classification
base_model: acme/base
model-index:
- name: digits
  results:
  - task: { type: image-classification }
    dataset: { name: MNIST test }
    metrics:
    - { type: accuracy, value: 0.981 }
---
# Digits

## Model description
Reads one digit.

## Intended uses
Sorting letters.

## Bias, risks and limitations
Fails on cursive.

## Ethical considerations
None known.

## Training data
60,000 scans of 2019.
`;

const files = {
  "model.onnx": onnxModel(),
  "README.md": card,
  "env/lib/site-packages/numpy-2.1.0.dist-info/METADATA":
    "Metadata-Version: 2.4\nName: numpy\nVersion: 2.1.0\nLicense-Expression: BSD-3-Clause AND 0BSD\n\nLicense: not this one\n",
  "env/lib/site-packages/numpy/core.py": "x",
  "env/lib/site-packages/Odd_Name-1.dist-info/METADATA":
    "Name: Odd_Name\nVersion: 1+cpu\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n",
  "node_modules/@scope/pkg/package.json": '{"name":"@scope/pkg","version":"1.2.3","license":"MIT"}',
};

const build = { version: "1.2.3", startedAt: 0, finishedAt: 1_500 };
const source = { repository: "https://git.example/team/models.git", commit: "a".repeat(40), modified: true, path: "digits" };

async function documented(t: Parameters<typeof scratch>[0], content: Readonly<Record<string, string | Uint8Array>>) {
  const store = await scratchStore(t);
  const bundle = await store.build(await writeFiles(await scratch(t), content), { name: "digits" });
  await documentBundle(store, bundle, { ...build, source });
  const one = async (kind: "sbom" | "provenance") =>
    JSON.parse((await store.referrers.list(bundle.digest, kind))[0]!.content.toString("utf8")) as unknown;
  return { store, bundle, bill: (await one("sbom")) as Sbom, made: (await one("provenance")) as Provenance };
}

test("the bill of materials has the model with its card, its files and its libraries, and obeys CycloneDX's own schema", async (t) => {
  const { bill, bundle } = await documented(t, files);
  assert.equal(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(bill)), null);
  const broken = { ...bill, components: [{ type: "nonsense", name: "x" }] };
  assert.notEqual(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(broken)), null);

  const model = bill.metadata.component as SbomComponent & {
    modelCard: {
      modelParameters: { task: string };
      quantitativeAnalysis: { performanceMetrics: unknown };
      considerations: unknown;
    };
  };
  assert.equal(model.type, "machine-learning-model");
  assert.equal(model.version, bundle.digest);
  assert.deepEqual(model.licenses, [{ license: { id: "Apache-2.0" } }]);
  assert.equal(model.modelCard.modelParameters.task, "image-classification");
  assert.deepEqual(model.modelCard.quantitativeAnalysis.performanceMetrics, [
    { type: "accuracy", value: "0.981", slice: "MNIST test" },
  ]);
  assert.deepEqual(model.modelCard.considerations, {
    useCases: ["Sorting letters."],
    technicalLimitations: ["Fails on cursive."],
    ethicalConsiderations: [{ name: "None known." }],
  });
  const named = bill.components.map(({ type, name }) => `${type} ${name}`);
  assert.ok(named.includes("file model/model.onnx"));
  assert.ok(!named.includes("file model/env/lib/site-packages/numpy/core.py"), "a library's files are the library");
  assert.ok(named.includes("data mnist"));
  assert.deepEqual(
    bill.components.flatMap(({ purl }) => purl ?? []),
    ["pkg:npm/%40scope/pkg@1.2.3", "pkg:pypi/numpy@2.1.0", "pkg:pypi/odd-name@1%2Bcpu"],
  );
  assert.deepEqual(
    licenceList(bill).map(({ name, licences }) => `${name}: ${licences.map(licenceText).join(", ")}`),
    ["digits: Apache-2.0", "@scope/pkg: MIT", "numpy: BSD-3-Clause AND 0BSD", "Odd_Name: MIT License"],
  );
});

test("a model without a card has a bill that says only what is known, and a licence file counts", async (t) => {
  const licence =
    'MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this\n… THE SOFTWARE IS PROVIDED "AS IS"';
  const { bill } = await documented(t, { "model.onnx": onnxModel(), LICENSE: licence });
  assert.equal(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(bill)), null);
  assert.deepEqual(bill.metadata.component.licenses, [{ license: { id: "MIT" } }]);
  assert.equal("description" in bill.metadata.component, false);
});

test("front matter that is no YAML, or an alias bomb, counts as none", async (t) => {
  for (const front of ["license: [unclosed", "a: &a [x, x]\nlicense: *a", "- 1"]) {
    const { bill } = await documented(t, { "model.onnx": onnxModel(), "README.md": `---\n${front}\n---\n# x\n` });
    assert.equal(bill.metadata.component.licenses, undefined, front);
  }
});

test("the provenance names the bundle, the commit and whether it was modified", async (t) => {
  const { made, bundle } = await documented(t, { "model.onnx": onnxModel() });
  assert.deepEqual(made.subject, [{ name: "digits", digest: { sha256: bundle.digest.slice(7) } }]);
  assert.equal(made.predicateType, "https://slsa.dev/provenance/v1");
  assert.deepEqual(made.predicate.buildDefinition.resolvedDependencies[0], {
    uri: "git+https://git.example/team/models.git",
    name: "digits",
    digest: { gitCommit: "a".repeat(40) },
    annotations: { modified: true },
  });
  assert.equal(made.predicate.runDetails.metadata.finishedOn, "1970-01-01T00:00:01.500Z");
});

test("building again adds no second document; another commit replaces the provenance", async (t) => {
  const { store, bundle, made } = await documented(t, { "model.onnx": onnxModel() });
  const kept = async () => (await store.referrers.list(bundle.digest)).map(({ digest }) => digest).sort();
  const before = await kept();
  assert.equal(before.length, 2);
  await documentBundle(store, bundle, { ...build, finishedAt: 9_000, source });
  assert.deepEqual(await kept(), before);
  await documentBundle(store, bundle, { ...build, source: { ...source, commit: "b".repeat(40) } });
  const [after] = await store.referrers.list(bundle.digest, "provenance");
  assert.notDeepEqual(JSON.parse(after!.content.toString("utf8")), made);
  assert.equal((await kept()).length, 2);
});
