// The real grpcurl, which knows nothing but what reflection tells it, at both doors.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { grpcRequest } from "../conformance/grpc-infer.ts";
import { Target } from "../conformance/target.ts";
import { type CommandResult, run } from "../harness/platform.ts";
import { judge, judgesMissing } from "../kubernetes/judges/judge-binaries.ts";
import { type Door, Doors } from "./doors.ts";

const service = "inference.GRPCInferenceService";

describe("grpcurl", { skip: judgesMissing("grpcurl") ?? false }, () => {
  let doors: Doors;
  let program: string;
  before(async () => {
    program = await judge("grpcurl");
    doors = await Doors.open();
  });
  after(() => doors.close());

  for (const name of ["serve", "gateway"] as const) {
    const door = () => doors[name];
    const grpcurl = (flags: readonly string[], ...args: string[]) =>
      run(program, ["-plaintext", "-max-time", "20", ...flags, door().address, ...args]);

    test(`lists the services at ${name}`, async () => {
      const listed = succeeded(await grpcurl([], "list")).split("\n");
      for (const wanted of [service, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"]) {
        assert.ok(listed.includes(wanted), `${wanted} in ${listed.join(" ")}`);
      }
      assert.match(succeeded(await grpcurl([], "list", service)), /ModelInfer$/m);
    });

    test(`describes a service, a method and messages at ${name}`, async () => {
      assert.match(succeeded(await grpcurl([], "describe", service)), /rpc ModelInfer \(/);
      assert.match(succeeded(await grpcurl([], "describe", `${service}.ModelStreamInfer`)), /stream/);
      assert.match(succeeded(await grpcurl([], "describe", "inference.ModelInferRequest")), /raw_input_contents = 7/);
      assert.match(succeeded(await grpcurl(["-msg-template"], "describe", "inference.InferTensorContents")), /fp32Contents/);
    });

    test(`asks health and metadata at ${name}`, async () => {
      assert.deepEqual(JSON.parse(succeeded(await grpcurl([], "grpc.health.v1.Health/Check"))), { status: "SERVING" });
      assert.deepEqual(JSON.parse(succeeded(await grpcurl([], `${service}/ServerLive`))), { live: true });
      const metadata = JSON.parse(succeeded(await grpcurl(["-d", `{"name":"${door().model}"}`], `${service}/ModelMetadata`)));
      assert.equal(metadata.name, door().model);
      assert.equal(metadata.inputs.length, 13);
    });

    test(`infers at ${name}`, async () => {
      const answer = JSON.parse(succeeded(await grpcurl(["-d", inferRequest(door())], `${service}/ModelInfer`)));
      assert.equal(answer.id, "from-grpcurl");
      assert.deepEqual(answer.outputs[0].contents.int64Contents, ["9007199254740993", "-9223372036854775808"]);
    });

    test(`infers twice on a stream at ${name}`, async () => {
      const request = inferRequest(door());
      const answers = succeeded(await grpcurl(["-d", `${request}${request}`], `${service}/ModelStreamInfer`));
      assert.equal(answers.match(/from-grpcurl/g)?.length, 2, answers);
    });

    test(`is told errors with their codes at ${name}`, async () => {
      const unknown = await grpcurl(["-d", '{"name":"no-such-model"}'], `${service}/ModelMetadata`);
      // 64 and the code: NOT_FOUND is 5, INVALID_ARGUMENT 3.
      assert.equal(unknown.code, 69, unknown.stderr);
      assert.match(unknown.stderr, /NotFound/);
      const wrong = await grpcurl(["-d", `{"modelName":"${door().model}"}`], `${service}/ModelInfer`);
      assert.equal(wrong.code, 67, wrong.stderr);
      assert.match(wrong.stderr, /InvalidArgument[\s\S]*bool/);
    });
  }
});

function inferRequest({ url, model }: Door): string {
  const target = new Target({ url: new URL(url), model });
  const values = ["9007199254740993", "-9223372036854775808"];
  const request = grpcRequest(target, { tensors: { int64: { values } }, outputs: ["int64_out"], fields: { id: "from-grpcurl" } });
  // Protobuf's JSON has bytes in base64.
  return JSON.stringify(request, (_, value) => (value?.type === "Buffer" ? Buffer.from(value.data).toString("base64") : value));
}

function succeeded({ code, stdout, stderr }: CommandResult): string {
  assert.equal(code, 0, stderr);
  return stdout;
}
