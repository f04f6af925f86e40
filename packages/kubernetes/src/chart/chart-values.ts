/** `values.yaml` of the chart. Each value is one of the flags of `slipway install`. */
export const chartValues = `# The platform's image, by digest: REPOSITORY@sha256:…, as \`slipway runtime-image --to REPOSITORY\` prints it. Required.
image: ""

# Namespaces whose Models may run; they have to be there.
modelNamespaces:
  - default

# Host names the gateways answer for, beside those of their Service.
hosts: []

# The Gateway (of the Gateway API) that shall lead to Slipway's gateways: { namespace: infra, name: public }.
parentGateway: null

operator:
  # One leads, the others wait.
  replicas: 2

gateway:
  replicas: 2
`;

const replicas = {
  type: "object",
  additionalProperties: false,
  required: ["replicas"],
  properties: { replicas: { type: "integer", minimum: 1 } },
} as const;

const label = { type: "string", pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", maxLength: 63 } as const;

/** JSON Schema of the chart's values; one that it does not have is refused by name. */
export const valuesSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  additionalProperties: false,
  required: ["image", "modelNamespaces", "hosts", "operator", "gateway"],
  properties: {
    global: { type: "object" },
    image: { type: "string", pattern: "^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$" },
    modelNamespaces: { type: "array", items: label, uniqueItems: true },
    hosts: { type: "array", items: { type: "string", pattern: "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", maxLength: 253 } },
    parentGateway: {
      type: ["object", "null"],
      additionalProperties: false,
      required: ["namespace", "name"],
      properties: { namespace: label, name: { type: "string", minLength: 1 } },
    },
    operator: replicas,
    gateway: replicas,
  },
} as const;
