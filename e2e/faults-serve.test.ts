// The catalogue's bad HTTP and bad tensors (A, B) at the door of `slipway serve`: a fitting refusal, the next good request within a
// second, and memory, open files and threads as before.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { brotliCompressSync, createGzip, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { systemClock } from "@slipway/base";
import { type Blobs, binaryRequest, expectBytes, floats, wantedOutputs } from "./conformance/binary.ts";
import { rowOf } from "./conformance/datatypes.ts";
import type { Asked } from "./conformance/request.ts";
import { expectValues, inferAnswer, Target } from "./conformance/target.ts";
import { assertDiscreetError } from "./harness/discreet.ts";
import { eventually } from "./harness/eventually.ts";
import { framingFaults } from "./harness/framing-faults.ts";
import { amount } from "./harness/length.ts";
import { RawConnection } from "./harness/raw-connection.ts";
import { fixtureModel, ServedModel } from "./harness/served-model.ts";

let served: ServedModel;
let target: Target;
let baseline: ReturnType<ServedModel["usage"]>;
const model = "model";

before(async () => {
  served = await ServedModel.start(fixtureModel("every-type"));
  assert.equal(served.model, model);
  target = new Target({ url: new URL(served.url), model });
  await target.prepare();
  // Warm: what a server loads with its first requests is no leak.
  for (let round = 0; round < 200; round++) await nextGoodRequest();
  baseline = served.usage();
});
after(async () => {
  target.close();
  await served.stop();
});

async function nextGoodRequest(): Promise<void> {
  const started = systemClock.monotonic();
  const row = rowOf("FP32");
  expectValues(row, inferAnswer(await target.infer(target.request({ outputs: ["fp32_out"] }))), [1, 2], row.sample);
  const took = systemClock.monotonic() - started;
  assert.ok(took <= 1_000, `the next good request took ${Math.round(took)} ms`);
}

async function refused(
  body: string | Buffer,
  status: number,
  message = /./,
  headers: Record<string, string> = {},
): Promise<void> {
  const answer = await target.infer(body, headers);
  assert.equal(answer.status, status, answer.text.slice(0, 300));
  assertDiscreetError(answer.text, message);
}

/** Open files and threads are those of the start; memory is what a heap may lazily keep, not what was sent. */
async function asBefore(what: string, moreMemory = 400): Promise<void> {
  await eventually(`open files and threads are back after ${what}`, 10, async () => {
    const { files, threads } = served.usage();
    return files <= baseline.files + 10 && threads <= baseline.threads + 2;
  });
  const { memory } = served.usage();
  assert.ok(
    memory < baseline.memory + moreMemory,
    `memory grew from ${Math.round(baseline.memory)} to ${Math.round(memory)} MiB`,
  );
}

describe("A: refused at once, connection closed", () => {
  for (const { title, bytes, status } of framingFaults(model)) {
    test(title, async () => {
      const answers = await RawConnection.exchange(served.port, bytes);
      assert.deepEqual(
        answers.map((answer) => answer.status),
        [status],
      );
      assert.match(answers[0]!.head, /connection: close/i);
      assertDiscreetError(answers[0]!.body);
      await nextGoodRequest();
    });
  }
  test("A8 a body that breaks off", async () => {
    const good = target.request({ outputs: ["fp32_out"] });
    for (let round = 0; round < amount(50, 1_000); round++) {
      const connection = await RawConnection.open(served.port);
      const head = `POST /v2/models/${model}/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${good.length}\r\n\r\n`;
      connection.socket.end(head + good.slice(0, (round * 37) % good.length));
      await connection.ended(5);
      assert.ok(!connection.text().startsWith("HTTP/1.1 200"));
    }
    await nextGoodRequest();
    await asBefore("bodies that break off");
  });
  test("A19 methods that inference does not have", async () => {
    for (const method of ["TRACE", "HEAD", "PUT", "PATCH", "DELETE", "PROPFIND", "GET", "OPTIONS"]) {
      const bytes = `${method} /v2/models/${model}/infer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      const [answer] = await RawConnection.exchange(served.port, bytes);
      assert.equal(answer!.status, 405, method);
      assert.match(answer!.head, /^allow: .*POST/im, method);
    }
    await nextGoodRequest();
  });
  test("A22 pipelined requests with an error in the middle: every answer to its own request, in order", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `r${index}`);
    const bytes = ids.map((id, index) => {
      const body = index === 7 ? `{"id":"${id}"}` : target.request({ outputs: ["fp32_out"], fields: { id: `"${id}"` } });
      const close = index === ids.length - 1 ? "Connection: close\r\n" : "";
      return `POST /v2/models/${model}/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${close}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    });
    const answers = await RawConnection.exchange(served.port, bytes.join(""));
    assert.equal(answers.length, ids.length);
    for (const [index, answer] of answers.entries()) {
      assert.equal(answer.status, index === 7 ? 400 : 200, answer.body);
      if (index !== 7) assert.equal((JSON.parse(answer.body) as { id: string }).id, ids[index]);
    }
    await nextGoodRequest();
  });
});

describe("A14: compressed bodies", () => {
  const good = () => target.request({ outputs: ["fp32_out"] });
  test("a gigabyte of zeros in a megabyte is 413 at the limit of the inflated size, while it comes", async (t) => {
    const bomb = await gzipOfZeros(1024);
    t.diagnostic(`${bomb.length} bytes`);
    for (let round = 0; round < amount(3, 30); round++) await refused(bomb, 413, /larger/, { "content-encoding": "gzip" });
    await nextGoodRequest();
    await asBefore("bombs");
  });
  for (const [title, encoding, body, status] of [
    ["gzip in gzip", "gzip", () => gzipSync(gzipSync(good())), 400],
    ["gzip that breaks off", "gzip", () => gzipSync(good()).subarray(0, 60), 400],
    ["gzip without its last byte", "gzip", () => gzipSync(good()).subarray(0, -1), 400],
    ["gzip with a wrong checksum", "gzip", () => Buffer.concat([gzipSync(good()).subarray(0, -8), Buffer.alloc(8)]), 400],
    ["nothing", "gzip", () => Buffer.alloc(0), 400],
    ["deflate called gzip", "gzip", () => deflateSync(good()), 400],
    ["JSON called deflate", "deflate", () => Buffer.from(good()), 400],
    ["zstd that breaks off", "zstd", () => zstdCompressSync(good()).subarray(0, 20), 400],
    ["br", "br", () => brotliCompressSync(good()), 415],
    ["two encodings", "gzip, gzip", () => gzipSync(gzipSync(good())), 415],
    ["eight encodings", new Array(8).fill("gzip").join(","), () => gzipSync(good()), 415],
    ["an encoding that nobody has", "compress", () => Buffer.from(good()), 415],
  ] as const) {
    test(`${title} is ${status}`, async () => {
      await refused(body(), status, /./, { "content-encoding": encoding });
      await nextGoodRequest();
    });
  }
});

describe("B: tensors in JSON", () => {
  const fp32 = (fields: Record<string, string | undefined>): Asked => ({ tensors: { fp32: fields }, outputs: ["fp32_out"] });
  const value = (input: string, text: string, other = "1"): Asked => ({ tensors: { [input]: { data: `[${text},${other}]` } } });
  const cases: readonly (readonly [title: string, asked: Asked, message: RegExp])[] = [
    ["B3 __proto__ as a member", { fields: { __proto__x: '{"polluted":true}' } }, /__proto__/],
    ["B5 NaN", value("fp32", "NaN"), /JSON/],
    ["B5 1e999", value("fp64", "1e999"), /fp64.*data\[0\]/],
    ["B5 2^63 for INT64", value("int64", "9223372036854775808"), /int64.*data\[0\]/],
    ["B5 2^64 for UINT64", value("uint64", "18446744073709551616"), /uint64.*data\[0\]/],
    ["B8 a negative dimension", fp32({ shape: "[-1,2]" }), /shape\[0\]/],
    ["B8 a dimension of 1.5", fp32({ shape: "[1.5,2]" }), /shape\[0\]/],
    ["B8 a dimension as text", fp32({ shape: '["2",2]' }), /shape\[0\]/],
    ["B8 null for a dimension", fp32({ shape: "[null,2]" }), /shape\[0\]/],
    ["B8 2^63", fp32({ shape: "[9223372036854775808,2]" }), /shape/],
    ["B8 a product beyond 2^64", fp32({ shape: "[4611686018427387904,2]", data: "[]" }), /fp32/],
    ["B9 a rank too few", fp32({ shape: "[2]" }), /fp32.*2 dimensions/],
    ["B11 300 for UINT8", value("uint8", "300"), /uint8.*data\[0\]/],
    ["B11 1.5 for INT32", value("int32", "1.5"), /int32.*data\[0\]/],
    ["B11 text for INT32", value("int32", '"1"'), /int32.*data\[0\]/],
    ["B11 true for INT32", value("int32", "true"), /int32.*data\[0\]/],
    ["B11 70000 for FP16", value("fp16", "70000"), /fp16.*data\[0\]/],
    ["B11 2 for BOOL", value("bool", "2", "true"), /bool.*data\[0\]/],
    ["B11 a number for BYTES", value("bytes", "1", '"a"'), /bytes.*data\[0\]/],
    ["B11 half a character for BYTES", value("bytes", '"\\ud800"', '"a"'), /bytes.*data\[0\]/],
    ["B12 ragged", fp32({ shape: "[2,2]", data: "[[1,2],[3]]" }), /fp32/],
    ["B12 flat and nested", fp32({ shape: "[2,2]", data: "[[1,2],3]" }), /fp32/],
    ["B14 an output that is not there", { outputs: ["nope"] }, /nope/],
    ["B14 an output twice", { outputs: ["fp32_out", "fp32_out"] }, /twice/],
    ["B17 a billion values claimed", fp32({ shape: "[1000000000,2]", data: "[]" }), /fp32/],
    ["B23 a function's name as a parameter", { fields: { parameters: '{"__import__":"os"}' } }, /__import__/],
    ["B23 a deep object as a parameter", { fields: { parameters: '{"a":{"b":{"c":1}}}' } }, /parameter/],
    [
      "B23 binary_data of an output that is not there",
      { fields: { outputs: '[{"name":"nope","parameters":{"binary_data":true}}]' } },
      /nope/,
    ],
    [
      "B23 binary_data that is no boolean",
      { fields: { outputs: '[{"name":"fp32_out","parameters":{"binary_data":1}}]' } },
      /binary_data/,
    ],
    [
      "B23 classification, which there is not",
      { fields: { outputs: '[{"name":"fp32_out","parameters":{"classification":2}}]' } },
      /classification/,
    ],
  ];
  for (const [title, asked, message] of cases) {
    test(title, async () => {
      await refused(target.request(asked).replace("__proto__x", "__proto__"), 400, message);
      await nextGoodRequest();
    });
  }
  test("B2 five million nested arrays", async () => {
    await refused("[".repeat(amount(2_000_000, 5_000_000)), 400, /deep/);
    await nextGoodRequest();
  });
  test("B3 a million members", async () => {
    const members = Array.from({ length: amount(200_000, 1_000_000) }, (_, index) => `"k${index}":${index}`);
    await refused(`{${members.join(",")}}`, 400, /k0/);
    await nextGoodRequest();
  });
  test("B18 a body of the limit is taken, one byte more is not", async () => {
    const limit = 64 * 1024 * 1024;
    const body = Buffer.alloc(limit + 1, " ");
    body.write(target.request({ outputs: ["fp32_out"] }));
    for (const [size, status] of [
      [limit - 1, 200],
      [limit, 200],
      [limit + 1, 413],
    ] as const) {
      const answer = await target.infer(body.subarray(0, size));
      assert.equal(answer.status, status, `${size} bytes: ${answer.text.slice(0, 200)}`);
    }
    await nextGoodRequest();
  });
  test("B20 names that are none: 400 or 404, and no file is touched", async () => {
    const names = [
      "..%2f..%2fetc%2fpasswd",
      "%2e%2e",
      "....",
      "model..1",
      "model%00",
      "model.",
      "MODEL",
      "CON",
      "mod%D0%B5l",
      "%ff",
      "%zz",
      "a".repeat(10_000),
      "model%20",
      "__proto__",
      "constructor",
    ];
    for (const name of names) {
      for (const path of [`/v2/models/${name}/infer`, `/v2/models/${model}/versions/${name}/infer`]) {
        const bytes = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
        const [answer] = await RawConnection.exchange(served.port, bytes);
        assert.ok(answer!.status === 400 || answer!.status === 404, `${path.slice(0, 80)}: ${answer!.status}`);
        assert.ok(answer!.body.length < 1_000);
        assertDiscreetError(answer!.body);
      }
    }
    await nextGoodRequest();
  });
  test("B21 unknown versions", async () => {
    for (const version of ["-1", "01", "18446744073709551616", "latest"]) {
      const answer = await target.infer(target.request(), {}, `${target.path}/versions/${version}/infer`);
      assert.equal(answer.status, 404, version);
      assertDiscreetError(answer.text);
    }
  });
});

describe("B: tensors as bytes", () => {
  const good = { shape: [1, 2], bytes: floats(5, 6) };
  const ask = (blobs: Blobs, output = "fp32_out") =>
    binaryRequest(target, blobs, { fields: { outputs: wantedOutputs({ [output]: true }) } });

  test("B6 NaN and infinities come back as they are, and are an error by name as JSON", async () => {
    const bytes = floats(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0);
    const { body, headers } = ask({ fp32: { shape: [2, 2], bytes } });
    expectBytes(await target.infer(body, headers), "fp32_out", bytes);
    const json = binaryRequest(target, { fp32: { shape: [2, 2], bytes } }, { outputs: ["fp32_out"] });
    await refused(json.body, 500, /fp32_out.*NaN/, json.headers);
    await nextGoodRequest();
  });

  test("B15 a thousand tries with lengths and sizes that do not fit leave nothing behind", async () => {
    const { body, headers } = ask({ fp32: good });
    const length = Number(headers["inference-header-content-length"]);
    const wrong: (() => Promise<void>)[] = [
      ...[
        "0",
        "-1",
        "999999999999",
        "abc",
        "",
        "1e3",
        "0x10",
        String(length - 1),
        String(length + 1),
        `${length}, ${length}`,
      ].map((header) => () => refused(body, 400, /./, { ...headers, "inference-header-content-length": header })),
      () => refused(Buffer.concat([body, Buffer.alloc(5)]), 400, /./, headers),
      () => refused(body.subarray(0, -1), 400, /./, headers),
      ...["-8", "7", "800", "1.5", '"8"', "null", "1e30"].map((size) => () => {
        const one = ask({ fp32: { ...good, fields: { parameters: `{"binary_data_size":${size}}` } } });
        return refused(one.body, 400, /fp32/, one.headers);
      }),
      () => {
        const one = ask({ fp32: { ...good, shape: [2 ** 40, 2] } });
        return refused(one.body, 400, /fp32/, one.headers);
      },
    ];
    let tried = 0;
    while (tried < 1_000) for (const one of wrong) await one().then(() => tried++);
    await nextGoodRequest();
    await asBefore(`${tried} tries`, 150);
  });

  test("B17 a small body that claims a huge tensor is refused before memory is taken", async () => {
    for (const shape of [
      [1e9, 2],
      [2 ** 52, 2],
      [2 ** 31, 2],
    ]) {
      const one = ask({ fp32: { shape, bytes: floats(1, 2) } });
      await refused(one.body, 400, /fp32/, one.headers);
    }
    const strings = ask({ bytes: { shape: [1, 2], bytes: Buffer.from([0xff, 0xff, 0xff, 0x7f, 65, 0, 0, 0]) } }, "bytes_out");
    await refused(strings.body, 400, /bytes/, strings.headers);
    await nextGoodRequest();
    await asBefore("huge claims", 150);
  });

  test("B18 bytes at the limit are taken, one tensor row more is not", async () => {
    const limit = 64 * 1024 * 1024;
    const rowBytes = 8;
    const overhead = ask({ fp32: { shape: [8_000_000, 2], bytes: Buffer.alloc(rowBytes) } }).body.length + 8;
    const rows = Math.floor((limit - overhead) / rowBytes);
    const { body, headers } = binaryRequest(
      target,
      { fp32: { shape: [rows, 2], bytes: Buffer.alloc(rows * rowBytes) } },
      { fields: { outputs: wantedOutputs({ int32_out: true }) } },
    );
    assert.ok(body.length <= limit && body.length > limit - 100, `${body.length}`);
    const answer = await target.infer(body, headers);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    const over = Buffer.concat([body, Buffer.alloc(limit + 1 - body.length)]);
    await refused(over, 413, /larger/, headers);
    await nextGoodRequest();
  });

  test("values that a datatype does not have: 2 for BOOL, bytes that are no text", async () => {
    const bool = ask({ bool: { shape: [1, 2], bytes: Buffer.from([2, 1]) } }, "bool_out");
    const answer = await target.infer(bool.body, bool.headers);
    if (answer.status === 200) expectBytes(answer, "bool_out", Buffer.from([1, 1]));
    else await refused(bool.body, 400, /bool/, bool.headers);
    await nextGoodRequest();
  });
});

test("B26 inference while the model is unloaded is 404, while it loads 503 with Retry-After, and then it answers", async () => {
  const repository = (what: string) => target.http.send("POST", `/v2/repository/models/${model}/${what}`, { body: "{}" });
  for (let round = 0; round < amount(3, 50); round++) {
    const inFlight = Array.from({ length: 10 }, () => target.infer(target.request({ outputs: ["fp32_out"] })));
    assert.equal((await repository("unload")).status, 200);
    for (const answer of await Promise.all(inFlight)) assert.ok(answer.status === 200 || answer.status === 404, answer.text);
    await refused(target.request(), 404, /load/);
    const loading = repository("load");
    const early = await target.infer(target.request({ outputs: ["fp32_out"] }));
    if (early.status === 503) assert.ok(early.headers["retry-after"] !== undefined);
    else assert.ok(early.status === 200 || early.status === 404, early.text);
    assert.equal((await loading).status, 200);
    await nextGoodRequest();
  }
  await asBefore("loading and unloading");
});

test("after all of that open files and threads are those of the start", () => asBefore("everything", 700));

/** So many mebibytes of zeros in gzip, without ever holding them. */
function gzipOfZeros(mebibytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const gzip = createGzip({ level: 9 });
    const chunks: Buffer[] = [];
    gzip.on("data", (chunk: Buffer) => chunks.push(chunk));
    gzip.on("end", () => resolve(Buffer.concat(chunks)));
    gzip.on("error", reject);
    const zeros = Buffer.alloc(1024 * 1024);
    let left = mebibytes;
    const write = () => {
      while (left > 0) {
        left -= 1;
        if (!gzip.write(zeros)) {
          gzip.once("drain", write);
          return;
        }
      }
      gzip.end();
    };
    write();
  });
}
