import { SlipwayError } from "@slipway/base";
import { type DeleteOptions, parseDeleteOptions, type Resource } from "@slipway/spec";
import type { RemoveOptions } from "@slipway/store";
import { readOptionalObject } from "../body/read-body.ts";
import { presentList, presentOne } from "../present/present.ts";
import { selectionOf } from "../select/selection.ts";
import { deletedStatus } from "../status/status.ts";
import { invalidOptions } from "./invalid-options.ts";
import { keyOf, presentationOf, type Target } from "./target.ts";
import { isDryRun } from "./write-options.ts";

/** DELETE of one object. Answers with the object while its finalizers keep it, otherwise with a Status. */
export async function remove(target: Target): Promise<void> {
  const presentation = presentationOf(target);
  const options = await removeOptions(target);
  const last = await target.context.store.remove(target.info.kind, keyOf(target), options);
  const waiting = last.metadata.deletionTimestamp !== undefined;
  target.exchange.sendJson(200, waiting ? presentOne(presentation, last) : deletedStatus(target, last.metadata.uid));
}

/** DELETE of all objects a selector matches. Answers with the list of them as they were, as Kubernetes does. */
export async function removeMany(target: Target): Promise<void> {
  const { context, exchange, info, namespace } = target;
  const presentation = presentationOf(target);
  const selection = selectionOf(info.kind, namespace, exchange.query);
  const options = await removeOptions(target);
  const listing = await context.store.list(info.kind, namespace === undefined ? {} : { namespace });
  const removed: Resource[] = [];
  for (const item of listing.items.filter((candidate) => selection.matches(candidate))) {
    try {
      await context.store.remove(info.kind, keyOf({ namespace: item.metadata.namespace, name: item.metadata.name }), options);
      removed.push(item);
    } catch (error) {
      // Somebody else was faster: gone is what was asked for.
      if (SlipwayError.from(error).code !== "notFound") throw error;
    }
  }
  exchange.sendJson(200, presentList(presentation, removed, { resourceVersion: listing.version }));
}

/** DeleteOptions of the body, or else of the query. A grace period is accepted and has no effect, as for every kind but pods in Kubernetes. */
async function removeOptions({ exchange }: Target): Promise<RemoveOptions> {
  const options = checkedOptions((await readOptionalObject(exchange)) ?? queryOptions(exchange.query));
  if (options.orphanDependents !== undefined && options.propagationPolicy !== undefined) {
    const message = "orphanDependents and propagationPolicy cannot be both set";
    throw invalidOptions("DeleteOptions", [{ path: "propagationPolicy", message, reason: "FieldValueInvalid" }]);
  }
  const { uid, resourceVersion } = options.preconditions ?? {};
  const propagation = options.propagationPolicy ?? (options.orphanDependents === true ? "Orphan" : undefined);
  return {
    dryRun: isDryRun(exchange, options.dryRun ?? []) || isDryRun(exchange),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { expect: resourceVersion }),
    ...(propagation === undefined ? {} : { propagation }),
  };
}

/** What of DeleteOptions a query can say. */
function queryOptions(query: URLSearchParams): unknown {
  const seconds = query.get("gracePeriodSeconds");
  const orphan = query.get("orphanDependents");
  return {
    propagationPolicy: query.get("propagationPolicy"),
    gracePeriodSeconds: seconds === null ? null : Number(seconds),
    orphanDependents: orphan === "true" ? true : orphan === "false" ? false : orphan,
  };
}

function checkedOptions(value: unknown): DeleteOptions {
  const parsed = parseDeleteOptions(value);
  if (parsed.ok) return parsed.value;
  // Kubernetes names the list, not the value in it.
  throw invalidOptions(
    "DeleteOptions",
    parsed.problems.map((problem) => ({ ...problem, path: problem.path.replace(/^dryRun\[\d+\]$/, "dryRun") })),
  );
}
