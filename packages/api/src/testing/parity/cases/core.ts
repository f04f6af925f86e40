import { apply, type Case, get, merge, post, put, remove, strategic } from "../case.ts";
import { event, events, namespaces, secret, secrets } from "../objects.ts";

const s = `${secrets}/s`;

/** Kubernetes' own kinds: Secret, Event, Namespace. */
export const coreCases: readonly Case[] = [
  {
    name: "a Secret with data and stringData",
    steps: [post(secrets, secret("s", { data: { a: "YQ==", b: "Yg==" }, stringData: { b: "bee", c: "sea" } })), get(s)],
  },
  {
    name: "stringData by patch",
    steps: [
      post(secrets, secret("s", { data: { a: "YQ==" } })),
      merge(s, { stringData: { a: "other", d: "dee" } }),
      merge(s, { data: { a: null } }),
    ],
  },
  {
    name: "a Secret replaced without a version",
    steps: [post(secrets, secret("s", { data: { a: "YQ==" } })), put(s, secret("s", { data: { b: "Yg==" } }))],
  },
  {
    name: "a Secret applied",
    steps: [
      apply("cli", s, secret("s", { data: { a: "YQ==" } })),
      apply("other", s, secret("s", { data: { b: "Yg==" } })),
      apply("other", s, secret("s", { data: { a: "Yg==" } })),
    ],
  },
  {
    name: "stringData applied",
    steps: [
      apply("cli", s, secret("s", { stringData: { a: "x" } })),
      apply("cli", s, secret("s", { stringData: { a: "x" } })),
      apply("cli", s, secret("s", { stringData: { b: "x" } })),
    ],
  },
  {
    name: "an immutable Secret",
    steps: [
      post(secrets, secret("s", { data: { a: "YQ==" }, immutable: true })),
      merge(s, { data: { a: "Yg==" } }),
      merge(s, { data: { b: "Yg==" } }),
      merge(s, { immutable: false }),
      merge(s, { metadata: { labels: { x: "y" } } }),
      remove(s),
    ],
  },
  { name: "the type of a Secret stays", steps: [post(secrets, secret("s")), merge(s, { type: "example.com/other" })] },
  {
    name: "strategic merge patch of a Secret",
    steps: [
      post(secrets, secret("s", { data: { a: "YQ==" } }, { finalizers: ["example.com/one"] })),
      strategic(s, { data: { b: "Yg==", a: null } }),
      strategic(s, { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/one"] } }),
    ],
  },
  {
    name: "strategic merge patch of a namespace",
    steps: [strategic(`${namespaces}/{{ns}}`, { metadata: { labels: { team: "one" } } }), get(`${namespaces}/{{ns}}`)],
  },
  {
    name: "an Event",
    steps: [
      post(events, event("e")),
      merge(`${events}/e`, { count: 2 }),
      get(events, { query: { fieldSelector: "involvedObject.name=digits" } }),
    ],
  },
  {
    name: "an Event about another namespace",
    steps: [
      post(events, event("e", { involvedObject: { apiVersion: "v1", kind: "Secret", name: "x", namespace: "elsewhere" } })),
    ],
  },
  {
    name: "Secrets by type",
    steps: [
      post(secrets, secret("s")),
      post(secrets, secret("t", { type: "example.com/t" })),
      get(secrets, { query: { fieldSelector: "type=example.com/t" } }),
    ],
  },
  {
    name: "a Secret without a version replaces nothing that is not there",
    steps: [put(s, secret("s", { data: { a: "YQ==" } }))],
  },
];
