import { SlipwayError } from "@slipway/base";
import { stringify } from "yaml";
import { modelsRole } from "../install/model-access.ts";
import { renderInstall } from "../install/render-install.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { chartValues, valuesSchema } from "./chart-values.ts";

/** What stands for a value while the objects are rendered; each is replaced by its expression in the text. */
const marks = {
  image: `chart-image@sha256:${"0".repeat(64)}`,
  namespace: "chart-namespace",
  modelNamespace: "chart-model-namespace",
  host: "chart-host",
  parent: { namespace: "chart-parent-namespace", name: "chart-parent-name" },
} as const;

/** The files of the Helm chart: what {@link renderInstall} gives, with values in the places of settings. Their names are relative to the chart. */
export function renderChart(version: string): Readonly<Record<string, string>> {
  const objects = renderInstall({
    image: marks.image,
    version,
    namespace: marks.namespace,
    modelNamespaces: [marks.modelNamespace],
    hosts: [marks.host],
    parentGateway: marks.parent,
  });
  // Helm makes the namespace, or is given one.
  const rendered = objects.filter(({ kind }) => kind !== "Namespace");
  const template = (kinds: (object: KubernetesObject) => boolean) => rendered.filter(kinds).map(document).join("");
  const isKind = ({ kind }: KubernetesObject) => kind === "CustomResourceDefinition";
  return {
    "Chart.yaml": yaml({
      apiVersion: "v2",
      name: "slipway",
      description: "Deploys machine-learning models from one declarative file.",
      type: "application",
      version,
      appVersion: version,
      kubeVersion: ">=1.30.0-0",
    }),
    "values.yaml": chartValues,
    "values.schema.json": `${JSON.stringify(valuesSchema, undefined, 2)}\n`,
    "templates/checks.yaml": checks,
    "templates/kinds.yaml": template(isKind),
    "templates/platform.yaml": template((object) => !isKind(object)),
    "templates/NOTES.txt": notes,
  };
}

/** What a schema of values cannot say; the same refusals as of `slipway install`. */
const checks = `{{- if has .Release.Namespace .Values.modelNamespaces }}
{{- fail "modelNamespaces: Models cannot run in the platform's own namespace" }}
{{- end }}
`;

const notes = `Slipway {{ .Chart.AppVersion }} is in namespace {{ .Release.Namespace }}.
See whether it works: slipway doctor
A key for inference:  slipway key create NAME
`;

function document(object: KubernetesObject): string {
  const kept = object.kind === "CustomResourceDefinition" ? keptByHelm(object) : object;
  const text = yaml(kept);
  if (text.includes("{{"))
    throw new SlipwayError("internal", `${object.kind} ${object.metadata.name} has text that Helm would read.`);
  return `---\n${wrapped(object, substituted(object, text))}`;
}

/** Models are the user's, and would go with their kind. */
function keptByHelm(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, annotations: { "helm.sh/resource-policy": "keep" } } };
}

function substituted({ kind, metadata }: KubernetesObject, text: string): string {
  const component = metadata.name.replace(/^slipway-/, "");
  return (kind === "Deployment" ? text.replace(/^ {2}replicas: \d+$/m, `  replicas: {{ .Values.${component}.replicas }}`) : text)
    .replaceAll("app.kubernetes.io/managed-by: slipway", "app.kubernetes.io/managed-by: {{ $.Release.Service }}")
    .replaceAll(marks.image, "{{ .Values.image }}")
    .replace(
      `  hostnames:\n    - ${marks.host}\n`,
      "{{- with .Values.hosts }}\n  hostnames:\n    {{- toYaml . | nindent 4 }}\n{{- end }}\n",
    )
    .replaceAll(marks.host, '{{ join "," .Values.hosts | quote }}')
    .replaceAll(marks.parent.namespace, "{{ .Values.parentGateway.namespace }}")
    .replaceAll(marks.parent.name, "{{ .Values.parentGateway.name }}")
    .replaceAll(marks.modelNamespace, "{{ $namespace | quote }}")
    .replaceAll(new RegExp(`: ${marks.namespace}$`, "gm"), ": {{ $.Release.Namespace | quote }}")
    .replaceAll(marks.namespace, "{{ $.Release.Namespace }}");
}

function wrapped({ kind, metadata }: KubernetesObject, text: string): string {
  if (kind === "RoleBinding" && metadata.name === modelsRole)
    return `{{- range $namespace := .Values.modelNamespaces }}\n---\n${text}{{- end }}\n`;
  return kind === "HTTPRoute" ? `{{- if .Values.parentGateway }}\n${text}{{- end }}\n` : text;
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
