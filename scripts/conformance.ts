// `npm run conformance -- URL [--grpc HOST:PORT] [--model NAME] [--json FILE] [--only ID…]`: runs the conformance suite against any server of the Open Inference Protocol.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { allCases } from "../e2e/conformance/all-cases.ts";
import { GrpcClient } from "../e2e/conformance/grpc-client.ts";
import { countsOf, lineOf, runCases } from "../e2e/conformance/run-cases.ts";
import { Target } from "../e2e/conformance/target.ts";

const usage = "usage: npm run conformance -- URL [--grpc HOST:PORT] [--model NAME] [--json FILE] [--only ID]…";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grpc: { type: "string" },
    model: { type: "string", default: "every-type" },
    json: { type: "string" },
    only: { type: "string", multiple: true },
  },
});
const [address, ...rest] = positionals;
if (address === undefined || !URL.canParse(address) || rest.length > 0) {
  console.error(usage);
  process.exit(2);
}
const unknown = (values.only ?? []).filter((id) => !allCases.some((one) => one.id === id));
if (unknown.length > 0) {
  console.error(`no such case: ${unknown.join(", ")}`);
  process.exit(2);
}

const target = new Target({
  url: new URL(address),
  model: values.model,
  ...(values.grpc === undefined ? {} : { grpc: new GrpcClient(values.grpc) }),
});
await target.http.send("GET", "/v2").catch((error: Error) => {
  console.error(`${address}: ${error.message}`);
  process.exit(2);
});
if (!(await target.prepare())) {
  console.error(
    `${address}: the model ${values.model} does not give "fp32" back as "fp32_out". The suite needs a model that echoes; name it with --model.\n` +
      "With Slipway: copy packages/serve/fixtures/every-type.onnx into a directory, `slipway serve` it, and add --model model. e2e/conformance/README.md has the rest.",
  );
  process.exit(2);
}
const results = await runCases(
  target,
  allCases.filter(({ id }) => values.only === undefined || values.only.includes(id)),
  (result) => console.log(lineOf(result)),
);
target.close();
console.log(`\n${countsOf(results)}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
process.exitCode = results.some(({ verdict }) => verdict === "FAIL") ? 1 : 0;
