import { eventColumns } from "../event/event-columns.ts";
import { modelColumns } from "../model/model-columns.ts";
import { namespaceColumns } from "../namespace/namespace-columns.ts";
import { revisionColumns } from "../revision/revision-columns.ts";
import { secretColumns } from "../secret/secret-columns.ts";
import { coreApiVersion, type Kind, slipwayApiVersion } from "./kind.ts";
import type { KindInfo } from "./kind-info.ts";

const slipway = { group: "slipway.dev", version: "v1alpha1", apiVersion: slipwayApiVersion } as const;
const core = { group: "", version: "v1", apiVersion: coreApiVersion } as const;

/** Every kind there is, and what the API and its clients must know of it. */
export const kinds: { readonly [K in Kind]: KindInfo<K> } = {
  Model: {
    ...slipway,
    kind: "Model",
    plural: "models",
    singular: "model",
    shortNames: ["mdl"],
    categories: ["all", "slipway"],
    namespaced: true,
    subresources: { status: true, scale: true },
    columns: modelColumns,
  },
  Revision: {
    ...slipway,
    kind: "Revision",
    plural: "revisions",
    singular: "revision",
    shortNames: ["rev"],
    categories: ["all", "slipway"],
    namespaced: true,
    subresources: { status: true, scale: false },
    columns: revisionColumns,
  },
  Namespace: {
    ...core,
    kind: "Namespace",
    plural: "namespaces",
    singular: "namespace",
    shortNames: ["ns"],
    categories: [],
    namespaced: false,
    subresources: { status: true, scale: false },
    columns: namespaceColumns,
  },
  Secret: {
    ...core,
    kind: "Secret",
    plural: "secrets",
    singular: "secret",
    shortNames: [],
    categories: [],
    namespaced: true,
    subresources: { status: false, scale: false },
    columns: secretColumns,
  },
  Event: {
    ...core,
    kind: "Event",
    plural: "events",
    singular: "event",
    shortNames: ["ev"],
    categories: [],
    namespaced: true,
    subresources: { status: false, scale: false },
    columns: eventColumns,
  },
};
