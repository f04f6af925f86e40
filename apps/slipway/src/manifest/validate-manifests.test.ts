import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { problemLine } from "../output/problem.ts";
import { parseYaml } from "./parse-yaml.ts";
import { validateManifests } from "./validate-manifests.ts";

const head = "apiVersion: slipway.dev/v1alpha1\nkind: Model\n";
const digits = `${head}metadata: { name: digits }\nspec:\n  source: { path: ./digits }\n`;

function validate(text: string, namespace?: string) {
  return validateManifests(parseYaml({ text, file: "m.yaml", directory: "/models" }), { asked: namespace });
}

function problems(text: string, namespace?: string): string[] {
  try {
    validate(text, namespace);
  } catch (caught) {
    assert.ok(caught instanceof SlipwayError);
    assert.equal(caught.code, "invalid");
    return caught.problems.map(problemLine);
  }
  return [];
}

test("a manifest keeps exactly what was written, with the namespace filled in", () => {
  const [entry] = validate(digits);
  assert.deepEqual(entry?.configuration, {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Model",
    metadata: { name: "digits", namespace: "default" },
    spec: { source: { path: "./digits" } },
  });
  assert.equal(validate(digits, "lab")[0]?.configuration.metadata.namespace, "lab");
});

test("what the server set is left out, so that an exported object can be applied", () => {
  const text = `${head}metadata: { name: digits, uid: u, resourceVersion: "7", generation: 2, managedFields: [] }\nspec:\n  source: { path: x }\nstatus: { replicas: 1 }\n`;
  const [entry] = validate(text);
  assert.deepEqual(entry?.configuration.metadata, { name: "digits", namespace: "default" });
  assert.equal("status" in (entry?.configuration ?? {}), false);
});

test("every problem of every document comes with its line", () => {
  const found = problems(`${digits}  scaling: { minReplicas: 0 }\n  replcas: 3\n---\n${head}metadata: { name: Two }\nspec: {}\n`);
  assert.ok(
    found.some((line) => /^m\.yaml:6:14: spec\.scaling\.minReplicas: /.test(line)),
    found.join("\n"),
  );
  assert.ok(
    found.some((line) => /^m\.yaml:7:3: spec\.replcas: .*did you mean "replicas"/.test(line)),
    found.join("\n"),
  );
  assert.ok(
    found.some((line) => /^m\.yaml:11:13: metadata\.name: /.test(line)),
    found.join("\n"),
  );
  assert.ok(
    found.some((line) => /^m\.yaml:12:1: spec\.source/.test(line)),
    found.join("\n"),
  );
});

test("an unknown kind, a wrong version, a document that is no map, and a name given twice are told", () => {
  assert.match(problems("kind: Modle\napiVersion: x\n")[0] ?? "", /^m\.yaml:1:1: kind: "Modle" is not a kind/);
  assert.match(
    problems("kind: Model\napiVersion: slipway.dev/v2\n")[0] ?? "",
    /^m\.yaml:2:1: apiVersion: Model needs apiVersion: slipway\.dev/,
  );
  assert.match(problems("- 1\n")[0] ?? "", /A manifest is a map/);
  assert.match(problems("a: 1\n")[0] ?? "", /kind: The kind is missing/);
  assert.match(
    problems(`${digits}---\n${digits}`)[0] ?? "",
    /^m\.yaml:9:13: metadata\.name: Model digits is already at m\.yaml:3/,
  );
  assert.match(
    problems(digits.replace("name: digits", "name: digits, namespace: a"), "b")[0] ?? "",
    /metadata\.namespace: .*--namespace b/,
  );
});

test("the items of a List are documents with places of their own", () => {
  const list = (name: string) =>
    `{apiVersion: slipway.dev/v1alpha1, kind: Model, metadata: {name: ${name}}, spec: {source: {path: x}}}`;
  assert.equal(validate(`apiVersion: v1\nkind: List\nitems:\n- ${list("a")}\n- ${list("b")}\n`).length, 2);
  assert.match(
    problems(`apiVersion: v1\nkind: List\nitems:\n- ${list("a")}\n- ${list("B")}\n`)[0] ?? "",
    /^m\.yaml:5:.*: metadata\.name: /,
  );
});
