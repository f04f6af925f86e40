import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { modelObjectName, serviceName } from "./names.ts";

test("a Service is called as its revision, unless that begins with a digit", () => {
  assert.equal(serviceName("digits-1a2b3c4d5e"), "digits-1a2b3c4d5e");
  assert.match(serviceName("3d-model-1a2b3c4d5e"), /^m[0-9a-f]{20}$/);
  assert.notEqual(serviceName("3d-model-1a2b3c4d5e"), serviceName("4d-model-1a2b3c4d5e"));
});

test("every name of a Model or revision gives names that Kubernetes takes", () => {
  const model = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/);
  fc.assert(
    fc.property(model, (name) => {
      assert.match(serviceName(`${name}-1a2b3c4d5e`), /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
      assert.match(modelObjectName(name), /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }),
  );
});
