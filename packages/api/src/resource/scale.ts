import type { FieldProblem, SlipwayError } from "@slipway/base";
import { type Model, parseScale, replicaBounds } from "@slipway/spec";
import type { JsonObject } from "../body/json-object.ts";
import { readObject, readText } from "../body/read-body.ts";
import { invalidObject, modified } from "../status/refusals.ts";
import { sentVersion } from "./identity.ts";
import { changeOf } from "./patch.ts";
import { retryConflict } from "./retry-conflict.ts";
import { existing, type Target } from "./target.ts";
import { checkManager, writeQuery } from "./write-options.ts";

/** GET of a Model's scale. */
export async function getScale(target: Target): Promise<void> {
  target.exchange.sendJson(200, scaleOf(await existingModel(target)));
}

/** PUT of a Model's scale. */
export async function updateScale(target: Target): Promise<void> {
  const sent = await readObject(target.exchange);
  await writeScale(target, () => sent);
}

/** PATCH of a Model's scale: JSON patch or merge patch. */
export async function patchScale(target: Target): Promise<void> {
  const change = changeOf(target.info, await readText(target.exchange));
  await writeScale(target, (current) => change(current));
}

async function writeScale(target: Target, change: (current: JsonObject) => JsonObject): Promise<void> {
  const query = writeQuery(target.exchange);
  checkManager(target.exchange, query.manager);
  let raced = false;
  const written = await retryConflict(async () => {
    const model = await existingModel(target);
    const expect = model.metadata.resourceVersion;
    const wanted = change(scaleOf(model));
    const version = sentVersion(wanted);
    raced = expect === undefined || (version !== undefined && version !== expect);
    if (raced || expect === undefined) return undefined;
    const replicas = replicasOf(wanted, model);
    return target.context.store.write<"Model">(
      { ...model, spec: { ...model.spec, replicas } },
      { expect, subresource: "scale", ...query },
    );
  });
  if (written === undefined) throw modified(target);
  target.exchange.sendJson(200, scaleOf(written));
}

/** The replicas asked for, within what the Model allows. Throws `invalid`. */
function replicasOf(scale: JsonObject, model: Model): number {
  const parsed = parseScale(scale);
  if (!parsed.ok) throw invalidScale(model, parsed.problems);
  const { replicas } = parsed.value.spec;
  const { max } = replicaBounds(model.spec.scaling);
  if (replicas <= max) return replicas;
  const message = `expected at most ${max}, the Model's spec.scaling.maxReplicas, found ${replicas}`;
  throw invalidScale(model, [{ path: "spec.replicas", message, reason: "FieldValueInvalid" }]);
}

function invalidScale(model: Model, problems: readonly FieldProblem[]): SlipwayError {
  return invalidObject({ kind: "Scale", group: "autoscaling" }, model.metadata.name, problems);
}

async function existingModel(target: Target): Promise<Model> {
  // The only kind with a scale.
  return (await existing(target)) as Model;
}

/** autoscaling/v1 Scale of a Model. */
function scaleOf(model: Model): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = model.metadata;
  const replicas = model.status?.replicas ?? 0;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: model.spec.replicas ?? Math.max(replicas, model.spec.scaling.minReplicas) },
    status: { replicas, ...(model.status?.selector === undefined ? {} : { selector: model.status.selector }) },
  };
}
