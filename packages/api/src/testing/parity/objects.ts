/** A digest that names no bundle. */
export const bundle = `sha256:${"a".repeat(64)}`;
/** Another one. */
export const otherBundle = `sha256:${"b".repeat(64)}`;

/** The Models of the case's namespace. */
export const models = "/apis/slipway.dev/v1alpha1/namespaces/{{ns}}/models";
/** The Revisions of the case's namespace. */
export const revisions = "/apis/slipway.dev/v1alpha1/namespaces/{{ns}}/revisions";
/** The Secrets of the case's namespace. */
export const secrets = "/api/v1/namespaces/{{ns}}/secrets";
/** The Events of the case's namespace. */
export const events = "/api/v1/namespaces/{{ns}}/events";
/** All namespaces. */
export const namespaces = "/api/v1/namespaces";

type Fields = Record<string, unknown>;

/** A Model as a client sends it. */
export function model(name: string, spec: Fields = {}, metadata: Fields = {}): Fields {
  return { ...modelFields({ source: { bundle }, ...spec }), metadata: { name, ...metadata } };
}

/** A Model with nothing but the fields given, for applying. */
export function partOfModel(name: string, spec: Fields | undefined, metadata: Fields = {}): Fields {
  return { ...modelFields(spec), metadata: { name, ...metadata } };
}

function modelFields(spec: Fields | undefined): Fields {
  return { apiVersion: "slipway.dev/v1alpha1", kind: "Model", ...(spec === undefined ? {} : { spec }) };
}

/** A Revision as control makes it. */
export function revision(name: string, of: string, metadata: Fields = {}): Fields {
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Revision",
    metadata: { name, ...metadata },
    spec: { model: of, number: 1, source: { bundle } },
  };
}

/** A Secret as a client sends it. */
export function secret(name: string, fields: Fields = {}, metadata: Fields = {}): Fields {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, ...metadata }, ...fields };
}

/** A Namespace as a client sends it. */
export function namespace(name: string, metadata: Fields = {}): Fields {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, ...metadata } };
}

/** An Event as a client sends it. */
export function event(name: string, fields: Fields = {}): Fields {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name },
    involvedObject: { apiVersion: "slipway.dev/v1alpha1", kind: "Model", name: "digits", namespace: "{{ns}}" },
    reason: "Tested",
    message: "It was tested.",
    type: "Normal",
    ...fields,
  };
}
