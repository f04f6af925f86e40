import type { FieldProblem } from "@slipway/base";
import { fieldPath } from "../parse/field-path.ts";
import type { Partially } from "../parse/partially.ts";
import { dnsLabelProblem } from "../values/dns-name.ts";
import { labelValueProblem, qualifiedNameProblem } from "../values/label.ts";
import type { ObjectMeta } from "./object-meta.ts";

const mostAnnotationBytes = 256 * 1024;

/** Names, labels, annotations, finalizers and owners, as Kubernetes checks them. `nameProblem` is the kind's own rule for names. */
export function metadataRules(
  metadata: Partially<ObjectMeta> | undefined,
  options: { namespaced: boolean; nameProblem: (name: string) => string | undefined },
): FieldProblem[] {
  if (metadata === undefined) return [];
  const problems: FieldProblem[] = [];
  const add = (
    path: readonly PropertyKey[],
    message: string | undefined,
    reason: FieldProblem["reason"] = "FieldValueInvalid",
  ) => {
    if (message !== undefined) problems.push({ path: fieldPath(["metadata", ...path]), message, reason });
  };
  if (metadata.name !== undefined) add(["name"], options.nameProblem(metadata.name));
  if (metadata.namespace !== undefined) {
    if (options.namespaced) add(["namespace"], dnsLabelProblem(metadata.namespace));
    else add(["namespace"], "must not be set: this kind is in no namespace", "FieldValueForbidden");
  }
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    add(["labels", key], qualifiedNameProblem(key));
    if (value !== undefined) add(["labels", key], labelValueProblem(value));
  }
  let annotationBytes = 0;
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    // Kubernetes lower-cases the key first, so that an upper-case prefix passes.
    add(["annotations", key], qualifiedNameProblem(key.toLowerCase()));
    annotationBytes += new TextEncoder().encode(key + (value ?? "")).length;
  }
  if (annotationBytes > mostAnnotationBytes) {
    add(["annotations"], `expected at most ${mostAnnotationBytes} bytes in all, found ${annotationBytes}`);
  }
  for (const [index, finalizer] of (metadata.finalizers ?? []).entries()) {
    if (finalizer !== undefined) add(["finalizers", index], qualifiedNameProblem(finalizer));
  }
  const controllers = (metadata.ownerReferences ?? []).filter((owner) => owner?.controller === true);
  if (controllers.length > 1) {
    add(["ownerReferences"], `expected at most one owner with controller: true, found ${controllers.length}`);
  }
  return problems;
}
