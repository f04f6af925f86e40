/** What a field holds. `list` repeats an item; `map` has text keys. Bytes become base64 text, as in JSON. */
export type FieldType =
  | "text"
  | "bytes"
  | "bool"
  | "int"
  | "time"
  | "fields"
  | { readonly message: Message }
  | { readonly list: "text" | { readonly message: Message } }
  | { readonly map: "text" | "bytes" };

/** A message: its fields by number, with their names in JSON. */
export type Message = Readonly<Record<number, readonly [name: string, type: FieldType]>>;

// The numbers are those of k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto and k8s.io/api/{core,authorization,authentication}/v1/generated.proto.

const ownerReference: Message = {
  1: ["kind", "text"],
  3: ["name", "text"],
  4: ["uid", "text"],
  5: ["apiVersion", "text"],
  6: ["controller", "bool"],
  7: ["blockOwnerDeletion", "bool"],
};

const managedFieldsEntry: Message = {
  1: ["manager", "text"],
  2: ["operation", "text"],
  3: ["apiVersion", "text"],
  4: ["time", "time"],
  6: ["fieldsType", "text"],
  7: ["fieldsV1", "fields"],
  8: ["subresource", "text"],
};

const objectMeta: Message = {
  1: ["name", "text"],
  2: ["generateName", "text"],
  3: ["namespace", "text"],
  4: ["selfLink", "text"],
  5: ["uid", "text"],
  6: ["resourceVersion", "text"],
  7: ["generation", "int"],
  8: ["creationTimestamp", "time"],
  9: ["deletionTimestamp", "time"],
  10: ["deletionGracePeriodSeconds", "int"],
  11: ["labels", { map: "text" }],
  12: ["annotations", { map: "text" }],
  13: ["ownerReferences", { list: { message: ownerReference } }],
  14: ["finalizers", { list: "text" }],
  17: ["managedFields", { list: { message: managedFieldsEntry } }],
};

const objectReference: Message = {
  1: ["kind", "text"],
  2: ["namespace", "text"],
  3: ["name", "text"],
  4: ["uid", "text"],
  5: ["apiVersion", "text"],
  6: ["resourceVersion", "text"],
  7: ["fieldPath", "text"],
};

const metadata = ["metadata", { message: objectMeta }] as const;

/** The messages that kubectl and client-go send as protobuf, by API version and kind. */
export const messages: Readonly<Record<string, Message>> = {
  "v1 Namespace": {
    1: metadata,
    2: ["spec", { message: { 1: ["finalizers", { list: "text" }] } }],
    3: ["status", { message: { 1: ["phase", "text"] } }],
  },
  "v1 Secret": {
    1: metadata,
    2: ["data", { map: "bytes" }],
    3: ["type", "text"],
    4: ["stringData", { map: "text" }],
    5: ["immutable", "bool"],
  },
  "v1 Event": {
    1: metadata,
    2: ["involvedObject", { message: objectReference }],
    3: ["reason", "text"],
    4: ["message", "text"],
    5: ["source", { message: { 1: ["component", "text"], 2: ["host", "text"] } }],
    6: ["firstTimestamp", "time"],
    7: ["lastTimestamp", "time"],
    8: ["count", "int"],
    9: ["type", "text"],
    10: ["eventTime", "time"],
    11: ["series", { message: { 1: ["count", "int"], 2: ["lastObservedTime", "time"] } }],
    12: ["action", "text"],
    13: ["related", { message: objectReference }],
    14: ["reportingComponent", "text"],
    15: ["reportingInstance", "text"],
  },
  "v1 DeleteOptions": {
    1: ["gracePeriodSeconds", "int"],
    2: ["preconditions", { message: { 1: ["uid", "text"], 2: ["resourceVersion", "text"] } }],
    3: ["orphanDependents", "bool"],
    4: ["propagationPolicy", "text"],
    5: ["dryRun", { list: "text" }],
  },
  "authorization.k8s.io/v1 SelfSubjectAccessReview": {
    1: metadata,
    2: [
      "spec",
      {
        message: {
          1: [
            "resourceAttributes",
            {
              message: {
                1: ["namespace", "text"],
                2: ["verb", "text"],
                3: ["group", "text"],
                4: ["version", "text"],
                5: ["resource", "text"],
                6: ["subresource", "text"],
                7: ["name", "text"],
              },
            },
          ],
          2: ["nonResourceAttributes", { message: { 1: ["path", "text"], 2: ["verb", "text"] } }],
        },
      },
    ],
    3: [
      "status",
      { message: { 1: ["allowed", "bool"], 2: ["reason", "text"], 3: ["evaluationError", "text"], 4: ["denied", "bool"] } },
    ],
  },
  "authorization.k8s.io/v1 SelfSubjectRulesReview": {
    1: metadata,
    2: ["spec", { message: { 1: ["namespace", "text"] } }],
    3: ["status", { message: { 3: ["incomplete", "bool"], 4: ["evaluationError", "text"] } }],
  },
  "authentication.k8s.io/v1 SelfSubjectReview": {
    1: metadata,
    2: [
      "status",
      {
        message: {
          1: ["userInfo", { message: { 1: ["username", "text"], 2: ["uid", "text"], 3: ["groups", { list: "text" }] } }],
        },
      },
    ],
  },
};
