/** One guard broken: in `file`, the only `from` becomes `to`, and the case must fail. */
export interface Mutation {
  readonly caseId: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const protocol = "packages/protocol/src/oip";
const http = "packages/http/src";
const serve = "packages/serve/src";

/** A sample of clauses, each with the line of ours that keeps it. The first two are the ones that `npm test` runs. */
export const mutations: readonly Mutation[] = [
  { caseId: "http-head-live", file: `${http}/route/router.ts`, from: 'method === "HEAD" ? "GET" : method', to: "method" },
  { caseId: "http-two-hosts", file: `${http}/safety/check-request.ts`, from: "hosts !== 1", to: "hosts < 1" },
  {
    caseId: "http-allow",
    file: `${http}/server/render-error.ts`,
    from: "headers.allow = error.allow",
    to: "headers.allowed = error.allow",
  },
  {
    caseId: "rest-id",
    file: `${serve}/replica/replica.ts`,
    from: "...(id === undefined ? {} : { id }),",
    to: "",
  },
  {
    caseId: "rest-infer-unknown-model",
    file: `${serve}/replica/demand-target.ts`,
    from: "(model !== undefined && model !== identity.model) ||",
    to: "false ||",
  },
  {
    caseId: "rest-infer-unknown-version",
    file: `${serve}/replica/demand-target.ts`,
    from: "revision !== undefined && revision !== identity.revision",
    to: "false",
  },
  {
    caseId: "rest-int64-limits",
    file: `${protocol}/fill-data.ts`,
    from: "      if (!Number.isSafeInteger(value)) {",
    to: "      if (!Number.isInteger(value)) {",
  },
  {
    caseId: "rest-bool",
    file: `${protocol}/render-infer-response.ts`,
    from: '(value === 0 ? "false" : "true")',
    to: '(value === 1 ? "false" : "true")',
  },
  {
    caseId: "rest-bad-wrong-size",
    file: `${protocol}/read-shape.ts`,
    from: "spec.shape[axis] === size)",
    to: "size > 0)",
  },
  {
    caseId: "rest-bad-too-few",
    file: `${protocol}/read-data.ts`,
    from: "!nested && value.length !== count",
    to: "!nested && value.length > count",
  },
  {
    caseId: "rest-bad-not-utf8-string",
    file: `${protocol}/parse-json.ts`,
    from: "if (!isUtf8(bytes))",
    to: "if (bytes.length < 0)",
  },
  {
    caseId: "rest-outputs-unknown",
    file: `${protocol}/read-infer-request.ts`,
    from: "if (!specs.some((spec) => spec.name === name)) throw",
    to: "if (name === undefined) throw",
  },
  {
    caseId: "rest-outputs-one",
    file: `${protocol}/read-infer-request.ts`,
    from: "...(outputs === undefined ? {} : { outputs: outputs.names }),",
    to: "",
  },
  {
    caseId: "rest-bad-datatype-case",
    file: `${protocol}/read-tensor.ts`,
    from: "fields.datatype !== spec.datatype",
    to: "String(fields.datatype).toUpperCase() !== spec.datatype",
  },
  { caseId: "binary-bad-rest", file: `${protocol}/read-infer-request.ts`, from: "context.tail?.end();", to: "" },
  {
    caseId: "binary-output-override",
    file: `${protocol}/read-infer-request.ts`,
    from: "{ binary_data: isBinary = allBinary } =",
    to: "{ binary_data: asked = allBinary, isBinary = allBinary || asked } =",
  },
  {
    caseId: "binary-header",
    file: `${serve}/replica/json-codec.ts`,
    from: '"content-type": "application/octet-stream"',
    to: '"content-type": "application/json"',
  },
  {
    caseId: "coding-accept-any",
    file: `${http}/encoding/accepted-encoding.ts`,
    from: "Number(quality.slice(2)) || 0",
    to: "1",
  },
  {
    caseId: "coding-vary",
    file: `${serve}/replica/compress-answer.ts`,
    from: '{ ...answer.headers, vary: "accept-encoding" }',
    to: "{ ...answer.headers }",
  },
  {
    caseId: "repository-unload-and-load",
    file: `${serve}/repository/loadable-model.ts`,
    from: "if (replica !== undefined) return replica.handle(call);",
    to: "if (replica !== undefined) return replica.handle(call);\n    if (call.operation !== undefined) return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{}') });",
  },
  {
    caseId: "grpc-id",
    file: "packages/protocol/src/grpc/infer/render-grpc-response.ts",
    from: "modelVersion,\n    id,",
    to: 'modelVersion,\n    id: "",',
  },
  {
    caseId: "grpc-bad-raw-and-typed",
    file: "packages/protocol/src/grpc/infer/parse-grpc-request.ts",
    from: "if (hasContents(contents)) {",
    to: "if (hasContents(undefined)) {",
  },
  {
    caseId: "grpc-unknown-method",
    file: `${http}/grpc/grpc-sessions.ts`,
    from: 'new SlipwayError("unimplemented", "There is no such method here.")',
    to: 'new SlipwayError("notFound", "There is no such method here.")',
  },
  {
    caseId: "grpc-health-unknown",
    file: "packages/protocol/src/grpc/service/health-service.ts",
    from: "if (answer.status === 404) return servingStatus.SERVICE_UNKNOWN;",
    to: "if (answer.status === 404) return servingStatus.NOT_SERVING;",
  },
];
