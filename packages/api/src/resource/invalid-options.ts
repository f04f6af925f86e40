import type { FieldProblem, SlipwayError } from "@slipway/base";
import { noteAbout } from "../status/about-error.ts";
import { invalidObject } from "../status/refusals.ts";

/** The objects of `meta.k8s.io` that the options of a request are in Kubernetes. */
export type OptionsKind = "CreateOptions" | "UpdateOptions" | "PatchOptions" | "DeleteOptions" | "ListOptions";

/** Options of a request that cannot be, refused as Kubernetes does: as an invalid object. */
export function invalidOptions(kind: OptionsKind, problems: readonly FieldProblem[]): SlipwayError {
  const type = { kind, group: "meta.k8s.io", plural: kind };
  return noteAbout(invalidObject(type, "", problems), { info: type });
}
