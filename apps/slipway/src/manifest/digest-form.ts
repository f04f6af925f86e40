import { json } from "../output/json.ts";
import { yaml } from "../output/yaml.ts";
import type { BuiltManifest } from "./build-sources.ts";

/** Manifests as `kubectl apply` takes them: as written, with digests where paths were. */
export function digestForm(built: readonly BuiltManifest[], format: "json" | "yaml"): string {
  if (format === "yaml") return built.map(asWritten).join("---\n");
  const items = built.map(withDigests);
  return json(items.length === 1 ? items[0] : { apiVersion: "v1", kind: "List", items });
}

/** The manifest as its author wrote it, comments included. */
function asWritten(entry: BuiltManifest): string {
  const { source } = entry.document;
  // An item of a List has no document of its own.
  if (source.get("kind") === "List" || source.errors.length > 0) return yaml(withDigests(entry));
  if (entry.source !== undefined) source.setIn(["spec", "source"], source.createNode({ ...entry.source }));
  return source.toString({ lineWidth: 0, directives: false });
}

/** The manifest's own fields, without the namespace that the command line would fill in. */
function withDigests(entry: BuiltManifest): unknown {
  const value = entry.document.value as { spec?: object };
  return entry.source === undefined ? value : { ...value, spec: { ...value.spec, source: { ...entry.source } } };
}
