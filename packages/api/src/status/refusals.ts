import { type FieldProblem, SlipwayError } from "@slipway/base";
import type { About } from "./status.ts";

/** A kind's group-qualified plural as Kubernetes prints it: `models.slipway.dev`, `namespaces`. */
function resourceName({ info }: About): string {
  return info.group === "" ? info.plural : `${info.plural}.${info.group}`;
}

/** The object is not there, worded as Kubernetes does. */
export function notFound(about: About): SlipwayError {
  return new SlipwayError("notFound", `${resourceName(about)} "${about.name ?? ""}" not found`);
}

/** The caller's version is not the current one, worded as Kubernetes does. */
export function modified(about: About): SlipwayError {
  return new SlipwayError(
    "conflict",
    `Operation cannot be fulfilled on ${resourceName(about)} "${about.name ?? ""}": the object has been modified; please apply your changes to the latest version and try again`,
  );
}

/** Fields of an object are wrong, worded as Kubernetes does. */
export function invalidObject(
  type: { readonly kind: string; readonly group: string },
  name: string,
  problems: readonly FieldProblem[],
): SlipwayError {
  const kind = type.group === "" ? type.kind : `${type.kind}.${type.group}`;
  const texts = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const all = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new SlipwayError("invalid", `${kind} "${name}" is invalid: ${all}`, { problems });
}
