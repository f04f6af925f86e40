import type { FieldProblem } from "@slipway/base";
import type { JsonSchema } from "../schema/json-schema.ts";
import { schemaInside } from "../schema/kind-json-schema.ts";
import { fieldPath } from "./field-path.ts";
import { suggestion } from "./suggestion.ts";

/** The problem of a field that the schema does not have, with what was probably meant. */
export function unknownField(root: JsonSchema, parent: readonly PropertyKey[], name: string): FieldProblem {
  const path = fieldPath([...parent, name]);
  let schema: JsonSchema | undefined = root;
  for (const step of parent) schema = schemaInside(schema, step);
  const siblings = Object.keys(schema?.properties ?? {});
  // What stands in an item of a list belongs to that item: a field of the same name somewhere else is another thing.
  const elsewhere = () => (typeof parent.at(-1) === "number" ? undefined : placeOf(root, name, parent[0]));
  const meant = suggestion(name, siblings) ?? elsewhere();
  const hint = meant === undefined ? `; expected one of ${siblings.join(", ")}` : `; did you mean "${meant}"?`;
  return { path, message: `unknown field${hint}`, reason: "FieldUnknown" };
}

/** Where else a field of that name is: under the same top-level field, or in spec when it stands at the top. */
function placeOf(root: JsonSchema, name: string, top: PropertyKey | undefined): string | undefined {
  const start = top === undefined ? "spec" : String(top);
  return search(schemaInside(root, start), start, name);
}

function search(schema: JsonSchema | undefined, path: string, name: string): string | undefined {
  if (schema?.items !== undefined) return search(schema.items, `${path}[]`, name);
  const properties = Object.entries(schema?.properties ?? {});
  const exact = properties.find(([field]) => field.toLowerCase() === name.toLowerCase());
  if (exact !== undefined) return `${path}.${exact[0]}`;
  for (const [field, child] of properties) {
    const place = search(child, `${path}.${field}`, name);
    if (place !== undefined) return place;
  }
  return undefined;
}
