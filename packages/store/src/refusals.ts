import { type FieldProblem, SlipwayError } from "@slipway/base";
import { type Key, type Kind, kinds } from "@slipway/spec";

/** A kind as Kubernetes names it in messages: `models.slipway.dev`, `secrets`. */
export function resourceName(kind: Kind): string {
  const { plural, group } = kinds[kind];
  return group === "" ? plural : `${plural}.${group}`;
}

/** An object as Kubernetes names it in messages: `models.slipway.dev "digits"`. */
export function objectName(kind: Kind, key: Key): string {
  return `${resourceName(kind)} "${key.name}"`;
}

/** `notFound` for an object, worded as Kubernetes does. */
export function notFound(kind: Kind, key: Key): SlipwayError {
  const where = key.namespace === undefined ? "" : ` in namespace ${key.namespace}`;
  return new SlipwayError("notFound", `${objectName(kind, key)} not found`, {
    hint: `List what there is${where} with: slipway get ${kinds[kind].plural}`,
  });
}

/** `alreadyExists` for an object, perhaps one on its way out, worded as Kubernetes does. */
export function alreadyExists(kind: Kind, key: Key, deleting = false): SlipwayError {
  return new SlipwayError(
    "alreadyExists",
    `${deleting ? "object is being deleted: " : ""}${objectName(kind, key)} already exists`,
    {
      hint: "Update the object, or choose another name.",
    },
  );
}

/** `conflict` for a write based on an older version, worded as Kubernetes does. */
export function versionConflict(kind: Kind, key: Key): SlipwayError {
  return new SlipwayError(
    "conflict",
    `Operation cannot be fulfilled on ${objectName(kind, key)}: the object has been modified; please apply your changes to the latest version and try again`,
    { hint: "Read the object again and repeat the change." },
  );
}

/** `conflict` for an object of the same name that is another one, worded as Kubernetes does. */
export function uidConflict(kind: Kind, key: Key, expected: string, actual: string): SlipwayError {
  return new SlipwayError(
    "conflict",
    `Operation cannot be fulfilled on ${objectName(kind, key)}: Precondition failed: UID in precondition: ${expected}, UID in object meta: ${actual}`,
    { hint: "The object was deleted and made again under the same name; read it again." },
  );
}

/** `conflict` for a removal whose precondition does not hold, worded as Kubernetes does. */
export function preconditionFailed(
  kind: Kind,
  key: Key,
  what: "UID" | "ResourceVersion",
  expected: string,
  actual: string,
): SlipwayError {
  const { group } = kinds[kind];
  const may = what === "UID" ? "deleted and then recreated" : "modified";
  return new SlipwayError(
    "conflict",
    `Operation cannot be fulfilled on ${kind}${group === "" ? "" : `.${group}`} "${key.name}": the ${what} in the precondition (${expected}) does not match the ${what} in record (${actual}). The object might have been ${may}`,
    { hint: "Read the object again." },
  );
}

/** `conflict` for an apply to an object that is not there any more, worded as Kubernetes does. */
export function uidOfNothing(kind: Kind, key: Key, expected: string): SlipwayError {
  return new SlipwayError(
    "conflict",
    `Operation cannot be fulfilled on ${objectName(kind, key)}: uid mismatch: the provided object specified uid ${expected}, and no existing object was found`,
    { hint: "The object is gone; leave the uid out to make a new one." },
  );
}

/** `forbidden` for an object, worded as Kubernetes does. */
export function forbidden(kind: Kind, key: Key, why: string, hint: string): SlipwayError {
  return new SlipwayError("forbidden", `${objectName(kind, key)} is forbidden: ${why}`, { hint });
}

/** `invalid` with every problem of an object, worded as Kubernetes does. */
export function invalid(kind: Kind, name: string, problems: readonly FieldProblem[]): SlipwayError {
  const { group } = kinds[kind];
  const texts = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const all = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new SlipwayError("invalid", `${kind}${group === "" ? "" : `.${group}`} "${name}" is invalid: ${all}`, {
    problems,
    hint: "Correct the fields named; nothing was changed.",
  });
}
