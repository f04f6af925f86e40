import {
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { binaryRequest, expectBytes, floats, floatsOf, lengthHeader, wantedOutputs } from "../binary.ts";
import { type Case, casesOf, expect, Mismatch, NotApplicable } from "../case.ts";
import { rowOf } from "../datatypes.ts";
import { type Answer, jsonOf } from "../http-client.ts";
import { expectRefused, expectValues, type InferAnswer, inferAnswer, type Target } from "../target.ts";

const optional = casesOf("RFC 9110", "optional");
const mandatory = casesOf("RFC 9110", "mandatory");
const fp32 = rowOf("FP32");

const coders = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync } as const;
const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  identity: (bytes) => bytes,
};

/** Compressed bodies, where a server reads and writes them. */
export const compressionCases: readonly Case[] = [
  ...(["gzip", "deflate", "zstd"] as const).flatMap((coding) => [
    optional(`coding-${coding}-request`, `a request in ${coding}`, "section 8.4", async (target) =>
      echoed(await reads(target, coding)),
    ),
    optional(`coding-${coding}-answer`, `an answer in ${coding}, where the server has it`, "section 12.5.3", async (target) => {
      const answer = await large(target, coding);
      if ((answer.headers["content-encoding"] ?? "identity") === "identity")
        throw new NotApplicable(`the server does not answer in ${coding}`);
      expect(answer.headers["content-encoding"] === coding, coding, answer.headers["content-encoding"]);
      largeEchoed(answer);
    }),
    optional(
      `coding-${coding}-truncated`,
      `a ${coding} body that breaks off is an error`,
      "sections 8.4.1 and 15.5.1",
      async (target) => {
        await reads(target, coding);
        const whole = coders[coding](Buffer.from(request(target)));
        expectRefused(await target.infer(whole.subarray(0, whole.length - 12), { "content-encoding": coding }));
        echoed(await target.infer(request(target)));
      },
    ),
    optional(
      `coding-${coding}-garbage`,
      `a body that is not ${coding} is an error`,
      "sections 8.4.1 and 15.5.1",
      async (target) => {
        await reads(target, coding);
        expectRefused(await target.infer(request(target), { "content-encoding": coding }));
      },
    ),
  ]),
  optional("coding-vary", "a compressed answer varies by Accept-Encoding", "section 12.5.5: should", async (target) => {
    const answer = await large(target, "gzip");
    if (answer.headers["content-encoding"] === undefined) throw new NotApplicable("the server does not answer in gzip");
    expect(/accept-encoding|\*/i.test(answer.headers.vary ?? ""), "vary: accept-encoding", answer.headers.vary);
  }),
  optional("coding-x-gzip", "x-gzip is gzip", "section 8.4.1.3: should", async (target) => {
    await reads(target, "gzip");
    echoed(await target.infer(gzipSync(request(target)), { "content-encoding": "x-gzip" }));
  }),
  optional("coding-case", "codings are case-insensitive", "section 8.4.1", async (target) => {
    await reads(target, "gzip");
    echoed(await target.infer(gzipSync(request(target)), { "content-encoding": "GZIP" }));
  }),
  optional(
    "coding-binary",
    "tensors as bytes in a compressed body; the JSON's length is that of the decoded body",
    "Triton binary tensor data extension: compression",
    async (target) => {
      target.needs("binary_tensor_data", "binary_tensor_data_extension");
      await reads(target, "gzip");
      const { body, headers } = binaryRequest(
        target,
        { fp32: { shape: [1, 2], bytes: floats(5, 6) } },
        { fields: { outputs: wantedOutputs({ fp32_out: true }) } },
      );
      expectBytes(await target.infer(gzipSync(body), { ...headers, "content-encoding": "gzip" }), "fp32_out", floats(5, 6));
    },
  ),
  optional(
    "coding-binary-answer",
    "bytes in a compressed answer; the JSON's length is that of the decoded body",
    "Triton binary tensor data extension: compression",
    async (target) => {
      target.needs("binary_tensor_data", "binary_tensor_data_extension");
      const bytes = floatsOf(new Array<number>(20_000).fill(1));
      const { body, headers } = binaryRequest(
        target,
        { fp32: { shape: [10_000, 2], bytes } },
        { fields: { outputs: wantedOutputs({ fp32_out: true }) } },
      );
      const answer = await target.infer(body, { ...headers, "accept-encoding": "gzip" });
      if (answer.headers["content-encoding"] === undefined) throw new NotApplicable("the server does not answer in gzip");
      expect(answer.headers[lengthHeader] !== undefined, lengthHeader, answer.headers);
      expectBytes({ ...answer, body: decoded(answer) }, "fp32_out", bytes);
    },
  ),
  mandatory(
    "coding-unknown",
    "a coding that nobody has is refused, or not looked at",
    "section 8.4: may respond 415",
    async (target) => {
      const answer = await target.infer(request(target), { "content-encoding": "no-such-coding" });
      expect(answer.status < 500, "415, another 4xx status, or 200", answer.status);
    },
  ),
  mandatory("coding-accept-any", "an answer is in a coding that the client accepts", "section 12.5.3", async (target) => {
    for (const accept of [
      "gzip, deflate, br",
      "gzip;q=0, deflate;q=0",
      "gzip;q=0",
      "identity",
      "",
      "*;q=0, identity",
      "no-such-coding",
    ]) {
      const answer = await large(target, accept);
      const coding = answer.headers["content-encoding"] ?? "identity";
      const allowed = coding === "identity" || (accept.includes(coding) && !accept.includes(`${coding};q=0`));
      expect(allowed, `a coding of "${accept}", or none`, coding);
      largeEchoed(answer);
    }
  }),
];

/** The answer to a request in a coding; leaves the case when the server reads none such. */
async function reads(target: Target, coding: keyof typeof coders): Promise<Answer> {
  const answer = await target.infer(coders[coding](Buffer.from(request(target))), { "content-encoding": coding });
  if (answer.status !== 200) {
    // A server that does not know the coding may say 415, or stumble over what it takes for JSON.
    throw new NotApplicable(`the server does not read ${coding} (${answer.status})`);
  }
  return answer;
}

function request(target: Target): string {
  return target.request({ outputs: ["fp32_out"] });
}

function large(target: Target, accept: string): Promise<Answer> {
  const data = `[${new Array(20_000).fill("1").join(",")}]`;
  return target.infer(target.request({ tensors: { fp32: { shape: "[10000,2]", data } }, outputs: ["fp32_out"] }), {
    "accept-encoding": accept,
  });
}

function largeEchoed(answer: Answer): void {
  expect(answer.status === 200, "status 200", `${answer.status} ${answer.text}`);
  const { outputs } = jsonOf({ ...answer, text: decoded(answer).toString("utf8") }) as InferAnswer;
  const data = outputs.find(({ name }) => name === "fp32_out")?.data?.flat(9);
  expect(data?.length === 20_000 && data.every((value) => value === 1), "20,000 ones", data?.length);
}

/** The body of an answer, out of its coding. */
function decoded({ headers, body }: Answer): Buffer {
  const coding = headers["content-encoding"] ?? "identity";
  try {
    return decoders[coding]!(body);
  } catch (error) {
    throw new Mismatch(`a body in ${coding}`, String(error));
  }
}

function echoed(answer: Answer): void {
  expectValues(fp32, inferAnswer(answer), [1, 2], fp32.sample);
}
