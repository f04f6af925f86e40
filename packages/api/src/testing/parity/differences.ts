/** A place where our answers differ from the real API server's on purpose. */
export interface Difference {
  readonly reason: string;
  /** Cases by name. */
  readonly cases: readonly string[];
  /** Matches `STEP/PATH` of what differs; everything of a case when not set. */
  readonly at?: RegExp;
}

const causes = /\/details\/causes/;

/** All of them. One that is no longer there fails the test, and so does a case of one where nothing differs. */
export const differences: readonly Difference[] = [
  {
    reason:
      "Unknown fields are refused as 422 Invalid with their paths, whatever fieldValidation says: nothing is accepted and ignored",
    cases: [
      "an unknown field, strictly",
      "an unknown field, with a warning",
      "an unknown field, ignored",
      "an unknown field, by apply",
      "an unknown field of metadata",
    ],
    at: /^\d+\/status$/,
  },
  {
    reason: "A Secret that cannot be read is refused as 422 Invalid with the fields' paths, as every other kind, not as 400",
    cases: ["a Secret with an unknown field and wrong data"],
    at: /^[12]\/status$/,
  },
  {
    reason: "An unknown field or a wrong type in a patched object is named by its own path, not as `patch`",
    cases: ["an unknown field, by merge patch", "scale to less than nothing, to what is no number, and beyond the Model's limit"],
    at: /^[23]\/body\/details\//,
  },
  {
    reason:
      "An applied configuration that cannot be is refused as 422 Invalid with the fields' paths; the real server fails with 500",
    cases: ["a keyed list with one key twice", "an item of a keyed list without its key", "wrong types by apply"],
    at: /^\d+\/status$/,
  },
  {
    reason: "A label that is no text is refused as 422 Invalid with its path, not as 400",
    cases: ["labels of the wrong type"],
    at: /^1\/status$/,
  },
  {
    reason:
      "null in an applied configuration means not set, as in a manifest without server-side apply; the real server refuses it",
    cases: ["null in a configuration"],
  },
  {
    reason: "A wrong type is said once; the real server says it a second time with a path that begins with a dot",
    cases: [
      "text for a number",
      "a fraction for a whole number",
      "a status of the wrong type",
      "scale to less than nothing, to what is no number, and beyond the Model's limit",
    ],
    at: causes,
  },
  {
    reason:
      "A rule across fields names the field to change; CEL names the object the rule stands at, once more where another problem is reported",
    cases: [
      "a Revision cannot be changed",
      "no source, no bundle, and both",
      "too few and too many replicas",
      "more replicas than scaling allows",
      "minReplicas over maxReplicas",
      "percents that cannot be",
      "scale to less than nothing, to what is no number, and beyond the Model's limit",
      "metrics that cannot be",
      "secrets that cannot be",
      "secrets that give one thing twice",
      "placements that cannot be",
    ],
    at: causes,
  },
  {
    reason: "A problem of an item or key names that item or key, where Kubernetes names the list or map around it",
    cases: [
      "finalizers that are not names",
      "an owner reference without its uid",
      "labels and annotations that cannot be",
      "traffic with one revision twice",
      "an immutable Secret",
      "metrics that cannot be",
      "secrets that give one thing twice",
      "placements that cannot be",
    ],
    at: causes,
  },
  {
    reason: "A text that is too long is FieldValueInvalid; we have no FieldValueTooLong",
    cases: ["a field manager with a name that cannot be", "names that cannot be"],
    at: causes,
  },
  {
    reason: "A JSON patch that fails names the object and the operation; the real server says neither",
    cases: ["JSON patch whose test fails", "JSON patch of a path that is not there"],
    at: /\/details\//,
  },
  {
    reason: "One finalizer twice is refused; the real server keeps both",
    cases: ["finalizers that are not names"],
    at: /^3\/status$/,
  },
  {
    reason: "A Model's name is a DNS label everywhere; the CustomResourceDefinition says only how long it may be",
    cases: ["names that cannot be"],
    at: /^3\/status$/,
  },
  {
    reason: "A negative grace period is refused, not taken as one second",
    cases: ["options of a deletion that cannot be"],
    at: /^4\/status$/,
  },
  {
    reason:
      "A creation with a resourceVersion, and a watch from what is no version, are bad requests (400); the real server fails with 500",
    cases: ["create with a resourceVersion", "a watch from a version that is no version"],
  },
  {
    reason:
      "A body of another kind than the path's is a bad request (400) in every method; the real server says 422 when it creates",
    cases: ["create of another kind or version than the path's"],
    at: /^1\/status$/,
  },
  {
    reason: "A POST to the path of an object is not allowed; the real server creates",
    cases: ["methods that are not there"],
    at: /^1\/status$/,
  },
  {
    reason: "A path that is not there is answered with a Status that says so, also where the real server answers with text",
    cases: ["paths that are not there"],
    at: /^\d+\/body/,
  },
  {
    reason: "Text of a conflict without the key and error code of etcd",
    cases: ["replace cannot change identity"],
    at: /^3\/body\/message$/,
  },
  {
    reason: "A precondition that fails names the resource as every other conflict does, not the kind",
    cases: ["preconditions of a deletion"],
    at: /^[34]\/body\/details\/kind$/,
  },
  {
    reason: "Metadata sent to /status is nobody's, because it is not taken; the real server moves its ownership all the same",
    cases: ["replace of the status ignores the spec and keeps metadata"],
    at: /\/managedFields\/\d+\/fieldsV1\/f:metadata/,
  },
  {
    reason:
      "A Model that does not say how many replicas it wants has a scale: what is there, and at least minReplicas; the real server fails with 500",
    cases: ["scale of a Model that does not say"],
    at: /^2\/status$/,
  },
  {
    reason: "The scale is not applied to: 415; the real server fails with 500",
    cases: ["scale by apply"],
    at: /^2\/status$/,
  },
  {
    reason: "A manager that wrote through /scale has a time; the real server loses it",
    cases: ["scale is written, and owns the replicas"],
    at: /^5\/body\/metadata\/managedFields\/1\/time$/,
  },
  {
    reason:
      "A namespace that holds nothing goes at once, and is answered with a Status; in the real server it always waits for a controller",
    cases: ["a namespace is made"],
    at: /^6\/body/,
  },
  {
    reason: "The refusal of a new object in a namespace on its way out says so in its message only",
    cases: ["a namespace on its way out takes nothing new"],
    at: /^5\/body\/details\/causes$/,
  },
  {
    reason: "Cells of a table that have no value say what that means (Unknown, 0, <none>); the real server leaves them null",
    cases: ["an object as a table", "a list as a table", "a watch of tables and of metadata"],
    at: /\/cells\/[1-5]$/,
  },
  {
    reason: "The age of a core object is a date in its table, as that of a custom resource",
    cases: ["namespaces as a table"],
    at: /^1\/body\/columnDefinitions\/2\/type$/,
  },
  {
    reason: "A resourceVersionMatch that is both forbidden and unknown is refused with one cause",
    cases: ["a watch that lists first, asked for wrongly"],
    at: /^2\/body\/details\/causes/,
  },
  {
    reason:
      "A watch from a version long gone is refused with the status 410; the real server's cache begins the stream and ends it with that error",
    cases: ["a watch from a version long gone"],
    at: /^1\/status$/,
  },
  {
    reason: "Directives inside a strategic merge patch are refused: no kind of ours has a list that needs them",
    cases: ["strategic merge patch of a Secret"],
    at: /^3\/status$/,
  },
  {
    reason: "Fields of an Event that nobody set are not there, rather than empty or null",
    cases: ["an Event"],
    at: /\/(source|firstTimestamp|lastTimestamp|eventTime|reportingComponent|reportingInstance)$/,
  },
  {
    reason: "Items of a list of core objects say their kind, as those of custom resources do",
    cases: ["an Event", "Secrets by type"],
    at: /\/items\/0\/(apiVersion|kind)$/,
  },
];
