import type { SlipwayError } from "@slipway/base";
import type { KindInfo, Resource } from "@slipway/spec";
import type { JsonObject } from "../body/json-object.ts";
import { asObject, parseJson, parseYaml, readText, type TextBody, unsupported } from "../body/read-body.ts";
import { jsonPatch } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import { strategicMerge } from "../patch/strategic-merge.ts";
import { presentOne } from "../present/present.ts";
import { modified } from "../status/refusals.ts";
import { identified, sentVersion } from "./identity.ts";
import { invalidOptions } from "./invalid-options.ts";
import { retryConflict } from "./retry-conflict.ts";
import { existing, keyOf, presentationOf, type Target } from "./target.ts";
import { checkManager, oneOf, writeQuery } from "./write-options.ts";

const applyType = "application/apply-patch+yaml";

/** PATCH of an object: JSON patch, merge patch, strategic merge patch (core kinds only, as in Kubernetes) or server-side apply. */
export async function patch(target: Target, subresource?: "status"): Promise<void> {
  const { exchange } = target;
  const presentation = presentationOf(target);
  const query = writeQuery(exchange);
  const door = { ...query, ...(subresource === undefined ? {} : { subresource }) };
  const body = await readText(exchange);
  if (body.mediaType === applyType) {
    const { resource, created } = await apply(target, body, door);
    exchange.sendJson(created ? 201 : 200, presentOne(presentation, resource));
    return;
  }
  if (exchange.query.has("force"))
    throw invalidOptions("PatchOptions", [
      {
        path: "force",
        message: "Forbidden: may not be specified for non-apply patch",
        reason: "FieldValueForbidden",
      },
    ]);
  checkManager(exchange, query.manager);
  const change = changeOf(target.info, body);
  const patched = await retryConflict(async () => {
    const current = await existing(target);
    const next = identified(target, change(current as unknown as JsonObject));
    const expect = current.metadata.resourceVersion;
    // Only a patch can have made it another one: the writer says what it has seen.
    if (expect === undefined || (sentVersion(next) ?? expect) !== expect) throw new StalePatch(modified(target));
    return target.context.store.write(next as unknown as Resource, { expect, ...door });
  }).catch((error: unknown) => {
    throw error instanceof StalePatch ? error.conflict : error;
  });
  exchange.sendJson(200, presentOne(presentation, patched));
}

/** A patch that names another version; trying again does not help. */
class StalePatch extends Error {
  readonly conflict: SlipwayError;

  constructor(conflict: SlipwayError) {
    super();
    this.conflict = conflict;
  }
}

async function apply(
  target: Target,
  body: TextBody,
  door: { manager: string; dryRun: boolean; subresource?: "status" },
): Promise<{ resource: Resource; created: boolean }> {
  const { exchange } = target;
  const { query } = exchange;
  const manager = query.get("fieldManager") ?? "";
  if (manager === "") {
    const message = "Required value: is required for apply patch";
    throw invalidOptions("PatchOptions", [{ path: "fieldManager", message, reason: "FieldValueRequired" }]);
  }
  checkManager(exchange, manager);
  oneOf(exchange, "force", query.get("force"), ["true", "false", "1", "0"]);
  const force = ["true", "1"].includes(query.get("force") ?? "");
  const object = identified(target, asObject(parseYaml(body.text)));
  const version = sentVersion(object);
  return retryConflict(async () => {
    const current = await target.context.store.get(target.info.kind, keyOf(target));
    // Of an object that is not there yet there is no version to lose, as in Kubernetes.
    if (version !== undefined && current !== undefined && current.metadata.resourceVersion !== version)
      throw new StalePatch(modified(target));
    const expect = current?.metadata.resourceVersion ?? "absent";
    const resource = await target.context.store.write(object as unknown as Resource, {
      ...door,
      expect,
      operation: "Apply",
      force,
    });
    return { resource, created: expect === "absent" };
  }).catch((error: unknown) => {
    throw error instanceof StalePatch ? error.conflict : error;
  });
}

/** What a patch does to an object. Throws `unsupportedMediaType` or `badRequest`. */
export function changeOf(info: Pick<KindInfo, "group">, body: TextBody): (current: JsonObject) => JsonObject {
  switch (body.mediaType) {
    case "application/json-patch+json": {
      const operations = parseJson(body.text);
      return (current) => asObject(jsonPatch(current, operations));
    }
    case "application/merge-patch+json": {
      const merge = asObject(parseJson(body.text));
      return (current) => asObject(mergePatch(current, merge));
    }
    case "application/strategic-merge-patch+json":
      if (info.group === "") {
        const merge = asObject(parseJson(body.text));
        return (current) => strategicMerge(current, merge);
      }
  }
  const core = info.group === "" ? ["application/strategic-merge-patch+json"] : [];
  throw unsupported(body.mediaType, ["application/json-patch+json", "application/merge-patch+json", applyType, ...core]);
}
