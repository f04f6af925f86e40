import type { FieldProblem } from "@slipway/base";
import { metadataRules } from "../meta/metadata-rules.ts";
import type { Partially } from "../parse/partially.ts";
import { dnsLabelProblem } from "../values/dns-name.ts";
import { found } from "../values/found.ts";
import { percentOf } from "../values/percent.ts";
import type { ModelManifest } from "./model-schema.ts";
import { replicaBounds } from "./replica-bounds.ts";
import { pathIsForTheCommand } from "./source-schema.ts";

/** The longest name of a Model: a revision's name adds a dash and ten digits, and must still be a DNS label. */
export const longestModelName = 52;

/** Rules of a Model that span fields. The same rules as the CRD has in CEL. */
export function modelRules(model: Partially<ModelManifest>, source: "api" | "cli"): FieldProblem[] {
  const nameProblem = (name: string) => dnsLabelProblem(name, longestModelName);
  const name = model.metadata?.name;
  return [
    ...metadataRules(model.metadata, { namespaced: true, nameProblem }),
    ...sourceRules(model.spec?.source, source),
    ...scalingRules(model.spec),
    ...metricRules(model.spec),
    ...secretRules(model.spec?.secrets),
    // A wrong name is one problem, not one more for every revision that fits it.
    ...trafficRules(model.spec?.traffic, name === undefined || nameProblem(name) !== undefined ? undefined : name),
  ];
}

type PartialSpec = Partially<ModelManifest["spec"]>;

function sourceRules(source: PartialSpec["source"], from: "api" | "cli"): FieldProblem[] {
  if (source === undefined) return [];
  const field = source.uri !== undefined ? "uri" : source.path !== undefined ? "path" : undefined;
  if (field === undefined) return [];
  const problem = (message: string): FieldProblem[] => [{ path: `spec.source.${field}`, message, reason: "FieldValueForbidden" }];
  if (from === "api") return problem(`a ${field} is ${pathIsForTheCommand}`);
  if (source.bundle !== undefined) return problem(`bundle and ${field} exclude each other; keep one`);
  if (source.image !== undefined)
    return problem(`image and ${field} exclude each other: an image holds a bundle that is built already; keep one`);
  return source.uri !== undefined && source.path !== undefined ? problem("path and uri exclude each other; keep one") : [];
}

function scalingRules(spec: PartialSpec | undefined): FieldProblem[] {
  const { minReplicas, maxReplicas } = spec?.scaling ?? {};
  if (minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas) {
    const message = `expected at most maxReplicas, which is ${maxReplicas}; found ${minReplicas}`;
    return [{ path: "spec.scaling.minReplicas", message, reason: "FieldValueInvalid" }];
  }
  const { max } = replicaBounds({ minReplicas: minReplicas ?? 1, ...(maxReplicas === undefined ? {} : { maxReplicas }) });
  const replicas = spec?.replicas;
  if (replicas === undefined || replicas <= max) return [];
  const message = `expected at most scaling.maxReplicas, which is ${max}${maxReplicas === undefined ? " when not set" : ""}; found ${replicas}`;
  return [{ path: "spec.replicas", message, reason: "FieldValueInvalid" }];
}

function metricRules(spec: PartialSpec | undefined): FieldProblem[] {
  return (spec?.scaling?.metrics ?? []).flatMap((metric, index) => {
    const type = metric?.type;
    if (type === undefined || spec?.resources?.[type] !== undefined) return [];
    const message = `needs spec.resources.${type}: its target is a percent of it`;
    return [{ path: `spec.scaling.metrics[${index}].type`, message, reason: "FieldValueInvalid" }];
  });
}

/** No two entries may give the same variable or file, and no file may be a directory of another. */
function secretRules(secrets: PartialSpec["secrets"]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const [index, entry] of (secrets ?? []).entries()) {
    for (const [other, before] of (secrets ?? []).slice(0, index).entries()) {
      const at = `spec.secrets[${other}]`;
      for (const way of ["env", "file"] as const) {
        const [here, there] = [entry?.[way], before?.[way]];
        if (here === undefined || there === undefined) continue;
        const path = `spec.secrets[${index}].${way}`;
        if (here === there)
          problems.push({ path, message: `${JSON.stringify(here)} is already at ${at}`, reason: "FieldValueDuplicate" });
        else if (way === "file" && (here.startsWith(`${there}/`) || there.startsWith(`${here}/`)))
          problems.push({ path, message: `one of this and ${at} is a directory of the other`, reason: "FieldValueInvalid" });
      }
    }
  }
  return problems;
}

function trafficRules(traffic: PartialSpec["traffic"], model: string | undefined): FieldProblem[] {
  const problems: FieldProblem[] = [];
  let sum: number | undefined = 0;
  for (const [index, target] of (traffic ?? []).entries()) {
    const revision = target?.revision;
    if (revision !== undefined && model !== undefined && !revision.startsWith(`${model}-`)) {
      const message = `expected a revision of this model, whose names begin with "${model}-"; found ${found(revision)}`;
      problems.push({ path: `spec.traffic[${index}].revision`, message, reason: "FieldValueInvalid" });
    }
    sum = sum === undefined || target?.percent === undefined ? undefined : sum + percentOf(target.percent);
  }
  if (traffic !== undefined && traffic.length > 0 && sum !== undefined && sum !== 100) {
    problems.push({
      path: "spec.traffic",
      message: `expected percents that add up to 100, found ${sum}`,
      reason: "FieldValueInvalid",
    });
  }
  return problems;
}
