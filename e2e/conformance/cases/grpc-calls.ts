import { connect, type IncomingHttpHeaders } from "node:http2";
import { gzipSync } from "node:zlib";
import { systemClock } from "@slipway/base";
import { type Case, casesOf, expect } from "../case.ts";
import { rowOf } from "../datatypes.ts";
import { encode } from "../grpc-client.ts";
import {
  answered,
  expectGrpcRefused,
  expectGrpcValues,
  grpcInfer,
  grpcOf,
  grpcRequest,
  grpcStillAnswers,
  modelInfer,
} from "../grpc-infer.ts";
import type { Target } from "../target.ts";

const codes = casesOf("gRPC status codes", "mandatory");
const wire = casesOf("gRPC over HTTP/2", "mandatory");
const advice = casesOf("gRPC over HTTP/2", "optional");
const live = "/inference.GRPCInferenceService/ServerLive";

/** gRPC itself: statuses, deadlines, framing. */
export const grpcCallCases: readonly Case[] = [
  codes("grpc-unknown-method", "a method that is not there is UNIMPLEMENTED", "UNIMPLEMENTED: method not found", async (target) =>
    expectGrpcRefused(await grpcOf(target).call({ ...modelInfer, path: "/inference.GRPCInferenceService/NoSuchMethod" }, {}), 12),
  ),
  codes(
    "grpc-unknown-service",
    "a service that is not there is UNIMPLEMENTED",
    "UNIMPLEMENTED: method not found",
    async (target) =>
      expectGrpcRefused(await grpcOf(target).call({ ...modelInfer, path: "/no.such.Service/ModelInfer" }, {}), 12),
  ),
  codes("grpc-deadline", "a deadline that has passed is DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", async (target) => {
    const values = new Array<string>(400_000).fill("1");
    const outcome = await grpcInfer(
      target,
      { tensors: { int32: { shape: [200_000, 2], values } }, outputs: ["int32_out"] },
      { deadlineMs: 1 },
    );
    expectGrpcRefused(outcome, 4);
    await grpcStillAnswers(target);
  }),
  codes("grpc-cancelled", "a call that its client leaves is CANCELLED, and the next is answered", "CANCELLED", async (target) => {
    const values = new Array<string>(400_000).fill("1");
    const code = await grpcOf(target).leave(
      modelInfer,
      grpcRequest(target, { tensors: { int32: { shape: [200_000, 2], values } } }),
      1,
    );
    expect(code === 1, "CANCELLED", code);
    await grpcStillAnswers(target);
  }),
  wire("grpc-metadata", "metadata that nobody knows is ignored, text and binary", "Custom-Metadata", async (target) => {
    const metadata = { "x-request-id": "1", "trace-bin": Buffer.from([0, 1, 255]), "user-trace": "a,b" };
    expectGrpcValues(
      rowOf("FP32"),
      answered(await grpcInfer(target, { outputs: ["fp32_out"] }, { metadata })),
      [1, 2],
      rowOf("FP32").sample,
    );
  }),
  wire("grpc-concurrent", "calls on one connection are not mixed up", "Requests: streams", async (target) => {
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const values = [String(index), String(-index)];
        const answer = answered(
          await grpcInfer(target, { tensors: { int32: { values } }, outputs: ["int32_out"], fields: { id: `c${index}` } }),
        );
        expect(answer.id === `c${index}`, `id c${index}`, answer.id);
        expectGrpcValues(rowOf("INT32"), answer, [1, 2], values);
      }),
    );
  }),
  ...["application/grpc", "application/grpc+proto"].map((type) =>
    wire(`grpc-type-${type.split("/")[1]}`, `content type ${type}`, "Content-Type", async (target) => {
      const answer = await post(target, { "content-type": type }, frame(Buffer.alloc(0)));
      expect(answer.headers[":status"] === 200 && answer.status === 0, "200 and grpc-status 0", answer);
      expect(
        String(answer.headers["content-type"]).startsWith("application/grpc"),
        "content-type: application/grpc",
        answer.headers["content-type"],
      );
    }),
  ),
  advice("grpc-type-wrong", "another content type is 415, or an error", "Content-Type: should respond 415", async (target) => {
    const answer = await post(target, { "content-type": "text/plain" }, frame(Buffer.alloc(0)));
    expect(answer.headers[":status"] !== 200 || (answer.status ?? 0) !== 0 || answer.reset, "415 or an error", answer);
  }),
  wire("grpc-trailers", "the status comes in trailers behind the answer", "Responses: Trailers", async (target) => {
    const answer = await post(target, {}, frame(Buffer.alloc(0)));
    expect(answer.status === 0 && answer.body.length >= 5, "a message and grpc-status 0", answer);
    expect(
      answer.body[0] === 0 && answer.body.readUInt32BE(1) === answer.body.length - 5,
      "a message as long as it says",
      answer.body.toString("hex"),
    );
  }),
  wire(
    "grpc-status-message",
    "an error has HTTP status 200, grpc-status and grpc-message",
    "Trailers-Only; Status-Message",
    async (target) => {
      const body = frame(encode("inference.ModelMetadataRequest", { name: "no-such-model" }));
      const answer = await post(target, { ":path": "/inference.GRPCInferenceService/ModelMetadata" }, body);
      expect(answer.headers[":status"] === 200, "HTTP status 200", answer.headers[":status"]);
      expect(
        (answer.status ?? 0) > 0 && /^[\x20-\x7e]*$/.test(answer.message ?? ""),
        "grpc-status above 0 and a message in printable ASCII",
        answer,
      );
    },
  ),
  wire("grpc-gzip", "a message in gzip is read, or refused by UNIMPLEMENTED", "Message-Encoding", async (target) => {
    const bytes = gzipSync(encode(modelInfer.request, grpcRequest(target, { outputs: ["fp32_out"] })));
    const answer = await post(target, { ":path": modelInfer.path, "grpc-encoding": "gzip" }, frame(bytes, 1));
    expect(answer.status === 0 || answer.status === 12, "OK or UNIMPLEMENTED", answer);
  }),
  wire(
    "grpc-encoding-unknown",
    "an encoding that nobody has is UNIMPLEMENTED",
    "Message-Encoding: must respond UNIMPLEMENTED",
    async (target) => {
      const answer = await post(target, { "grpc-encoding": "no-such-encoding" }, frame(Buffer.from([0]), 1));
      expect(answer.status === 12, "UNIMPLEMENTED", answer);
    },
  ),
  wire(
    "grpc-compressed-flag",
    "a compressed message without an encoding is an error",
    "Compressed-Flag: must be 0 without Message-Encoding",
    async (target) => failed(await post(target, {}, frame(Buffer.from([0]), 1))),
  ),
  advice("grpc-truncated", "a message that breaks off is an error", "Length-Prefixed-Message", async (target) =>
    failed(await post(target, {}, Buffer.from([0, 0, 0, 0, 9, 1, 2]))),
  ),
  wire(
    "grpc-too-large",
    "a message of four gigabytes is refused before it comes",
    "gRPC status codes: RESOURCE_EXHAUSTED",
    async (target) => {
      failed(await post(target, { ":path": modelInfer.path }, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2])));
      await grpcStillAnswers(target);
    },
  ),
  advice("grpc-no-message", "a call of one message that has none is an error", "Requests; gRPC status codes", async (target) =>
    failed(await post(target, { ":path": modelInfer.path }, Buffer.alloc(0))),
  ),
  advice(
    "grpc-two-messages",
    "a call of one message that has two is an error, or the first is taken",
    "Requests; gRPC status codes",
    async (target) => {
      const { status, reset } = await post(target, {}, Buffer.concat([frame(Buffer.alloc(0)), frame(Buffer.alloc(0))]));
      expect(reset || status !== undefined, "a status", status);
    },
  ),
  advice("grpc-get", "a GET is no call", "Request-Headers: POST", async (target) => {
    const answer = await post(target, { ":method": "GET" }, Buffer.alloc(0));
    expect(answer.reset || answer.headers[":status"] !== 200 || (answer.status ?? 0) !== 0, "an error", answer);
  }),
  wire("grpc-timeout-bad", "a grpc-timeout that is none is an error, or ignored", "Timeout", async (target) => {
    const { status, reset, headers } = await post(target, { "grpc-timeout": "soon" }, frame(Buffer.alloc(0)));
    expect(reset || status !== undefined || headers[":status"] !== 200, "a status", status);
    await grpcStillAnswers(target);
  }),
  wire(
    "grpc-timeout-zero",
    "a grpc-timeout of one nanosecond has passed",
    "Timeout; gRPC status codes: DEADLINE_EXCEEDED",
    async (target) => {
      const body = frame(encode(modelInfer.request, grpcRequest(target, { outputs: ["fp32_out"] })));
      const { status, reset } = await post(target, { ":path": modelInfer.path, "grpc-timeout": "1n" }, body);
      // The client has given up by then; a server that is faster than its clock may answer, one that cancels may reset.
      expect(reset || status === 4 || status === 0, "DEADLINE_EXCEEDED", status);
    },
  ),
];

interface WireAnswer {
  readonly headers: IncomingHttpHeaders & { ":status"?: number };
  readonly status: number | undefined;
  readonly message: string | undefined;
  readonly body: Buffer;
  readonly reset: boolean;
}

/** A length-prefixed message. */
function frame(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** One call on an HTTP/2 connection of its own, for what no client of gRPC would send. */
function post(target: Target, headers: Readonly<Record<string, string>>, body: Buffer): Promise<WireAnswer> {
  const session = connect(`http://${grpcOf(target).address}`);
  return new Promise<WireAnswer>((resolve) => {
    let head: WireAnswer["headers"] = {};
    let trailers: IncomingHttpHeaders = {};
    let reset = false;
    const chunks: Buffer[] = [];
    const done = () => {
      cancel();
      const status = trailers["grpc-status"] ?? head["grpc-status"];
      const message = trailers["grpc-message"] ?? head["grpc-message"];
      resolve({
        headers: head,
        status: status === undefined ? undefined : Number(status),
        message: message as string | undefined,
        body: Buffer.concat(chunks),
        reset,
      });
    };
    const cancel = systemClock.after(3_000, done);
    session.on("error", () => {
      reset = true;
      done();
    });
    const call = session.request({
      ":method": "POST",
      ":path": live,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    call.on("response", (received) => {
      head = received as WireAnswer["headers"];
    });
    call.on("trailers", (received) => {
      trailers = received;
    });
    call.on("data", (chunk: Buffer) => chunks.push(chunk));
    call.on("error", () => {
      reset = true;
    });
    call.on("close", done);
    call.end(body);
  }).finally(() => session.destroy());
}

function failed(answer: WireAnswer): void {
  expect(answer.reset || (answer.status ?? 0) > 0 || (answer.headers[":status"] ?? 0) >= 400, "an error", {
    status: answer.status,
    headers: answer.headers,
  });
}
