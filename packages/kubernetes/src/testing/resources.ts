import assert from "node:assert/strict";
import { type Model, parse, type Revision, revisionName, revisionTemplate } from "@slipway/spec";

/** An image by digest. */
export const image = `registry.example/digits@sha256:${"1".repeat(64)}`;

/** A Model as an API server has it. */
export function modelOf(spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): Model {
  const parsed = parse(
    "Model",
    {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      metadata: { name: "digits", namespace: "default", uid: "7d1f6a52-0f0c-4e3a-9b57-1c2d3e4f5a6b", ...metadata },
      spec: { source: { bundle: `sha256:${"0".repeat(64)}` }, ...spec },
    },
    { source: "api" },
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

/** The Revision that this Model asks for. */
export function revisionOf(model: Model, metadata: Record<string, unknown> = {}): Revision {
  return {
    apiVersion: model.apiVersion,
    kind: "Revision",
    metadata: {
      name: revisionName(model),
      namespace: model.metadata.namespace!,
      uid: "e4b1c2d3-5a6f-4789-8abc-def012345678",
      ...metadata,
    },
    spec: { model: model.metadata.name, number: 1, ...revisionTemplate(model) },
  };
}
