import assert from "node:assert/strict";
import { test } from "node:test";
import { negotiateForm, wantsAggregatedDiscovery } from "./negotiate.ts";

const table = "application/json;as=Table;v=v1;g=meta.k8s.io";

test("negotiateForm follows the client's order and weights", () => {
  for (const [accept, form] of [
    [undefined, "object"],
    ["", "object"],
    ["*/*", "object"],
    ["application/json, */*", "object"],
    ["application/vnd.kubernetes.protobuf,application/json", "object"],
    [`${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, "table"],
    ["application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", "object"],
    [`application/json;q=0.9,${table}`, "table"],
    [`${table};q=0,application/json`, "object"],
    ["application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "partial"],
    ["application/json;stream=watch", "object"],
  ] as const) {
    assert.equal(negotiateForm(accept), form, `${accept}`);
  }
});

test("negotiateForm refuses what cannot be produced", () => {
  for (const accept of ["text/html", "application/vnd.kubernetes.protobuf", "application/json;as=Chart;v=v1;g=meta.k8s.io"]) {
    assert.throws(() => negotiateForm(accept), { code: "notAcceptable" }, accept);
  }
});

test("wantsAggregatedDiscovery", () => {
  const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  assert.equal(wantsAggregatedDiscovery(`${aggregated},application/json`), true);
  assert.equal(wantsAggregatedDiscovery(`application/json,${aggregated}`), false);
  assert.equal(
    wantsAggregatedDiscovery("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"),
    false,
  );
  assert.equal(wantsAggregatedDiscovery(undefined), false);
});
