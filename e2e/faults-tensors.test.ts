// Wrong JSON and wrong tensors at the gateway's door (catalogue B): 400 with the tensor's name, nothing cast or rounded in silence.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { heldOut, manifest, requestFor } from "./harness/digits.ts";
import { DigitsPlatform } from "./harness/digits-platform.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { type Dtype, echoModel } from "./harness/onnx-file.ts";
import { RawConnection } from "./harness/raw-connection.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";

let digits: DigitsPlatform;
let scratch: ScratchFolder;
before(async () => {
  scratch = await ScratchFolder.create();
  digits = await DigitsPlatform.up();
  for (const type of ["INT64", "INT32", "UINT8", "BOOL", "FP32"] as const) await applyEcho(type);
});
after(async () => {
  await digits.platform.destroy();
  await scratch.remove();
});

/** A model that answers what it is asked: `y` is `x`. */
async function applyEcho(type: Dtype): Promise<void> {
  const name = `echo-${type.toLowerCase()}`;
  const path = await scratch.modelDirectory(name, echoModel(type));
  const text = `apiVersion: slipway.dev/v1alpha1\nkind: Model\nmetadata: { name: ${name} }\nspec: { source: { path: ${path} } }\n`;
  const result = await digits.platform.slipway(["apply", "-f", "-", "--wait"], text);
  assert.equal(result.code, 0, result.stderr);
}

const image = { name: "image", datatype: "FP32", shape: [1, 64], data: heldOut.images[1]! };
const changed = (change: object, more: object = {}) => JSON.stringify({ inputs: [{ ...image, ...change }], ...more });
/** One FP32 request with its first value written as given. */
const firstValue = (text: string) =>
  `{"inputs":[{"name":"image","datatype":"FP32","shape":[1,64],"data":[${text}${",0".repeat(63)}]}]}`;
const withFields = (fields: string) => requestFor([1]).replace("{", `{${fields},`);

describe("refused by name", () => {
  const cases: [title: string, body: string | Buffer, message: RegExp][] = [
    ["B2 100,000 nested arrays", `{"inputs": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`, /deep/],
    ["B2 5,000,000 nested arrays", "[".repeat(amount(2_000_000, 5_000_000)), /deep/],
    ["B2 nested objects", `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`, /deep/],
    ["B2 nested in data", changed({ data: 0 }).replace('"data":0', `"data":${"[".repeat(70)}1${"]".repeat(70)}`), /deep/],
    ["B3 __proto__", withFields('"__proto__": {"polluted": true}'), /__proto__/],
    ["B3 __proto__ in a tensor", requestFor([1]).replace('"name"', '"__proto__": {"polluted": true}, "name"'), /__proto__/],
    ["B3 constructor.prototype", withFields('"constructor": {"prototype": {"polluted": true}}'), /constructor/],
    [
      "B3 a hundred thousand keys",
      JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, key) => [`k${key}`, key]))),
      /k0/,
    ],
    ["B5 NaN", firstValue("NaN"), /JSON/],
    ["B5 Infinity", firstValue("Infinity"), /JSON/],
    ["B5 1e999", firstValue("1e999"), /image.*data\[0\]/],
    ["B5 1e39, beyond FP32", firstValue("1e39"), /image.*data\[0\]/],
    ["B8 a negative dimension", changed({ shape: [-1, 64] }), /shape\[0\]/],
    ["B8 a dimension of 1.5", changed({ shape: [1.5, 64] }), /shape\[0\]/],
    ["B8 a dimension as text", changed({ shape: ["1", 64] }), /shape\[0\]/],
    ["B8 null for a dimension", changed({ shape: [null, 64] }), /shape\[0\]/],
    ["B8 2^63", changed({ shape: 0 }).replace('"shape":0', '"shape":[9223372036854775808,64]'), /shape/],
    ["B8 a product beyond 2^64", changed({ shape: 0 }).replace('"shape":0', '"shape":[4503599627370496,64]'), /image/],
    ["B9 a rank too few", changed({ shape: [64] }), /image.*2 dimensions/],
    ["B9 a rank too many", changed({ shape: [1, 1, 64] }), /image.*2 dimensions/],
    ["B9 10,000 dimensions", changed({ shape: new Array(10_000).fill(1) }), /image.*2 dimensions/],
    ["B11 text", firstValue('"1"'), /data\[0\]/],
    ["B11 true", firstValue("true"), /data\[0\]/],
    ["B11 null", firstValue("null"), /data\[0\]/],
    ["B11 an object", firstValue("{}"), /data\[0\]/],
    ["B12 ragged", changed({ shape: [2, 64], data: [new Array(64).fill(0), new Array(63).fill(0)] }), /image/],
    ["B12 flat and nested", changed({ data: [new Array(63).fill(0), 0] }), /image/],
    ["B12 nested too deep", changed({ data: [[new Array(64).fill(0)]] }), /image/],
    ["B14 an output that is not there", withFields('"outputs": [{"name": "nope"}]'), /nope.*label/],
    ["B14 an output twice", withFields('"outputs": [{"name": "label"}, {"name": "label"}]'), /twice/],
    ["B17 a billion values claimed", changed({ shape: [1e9, 64], data: [] }), /image/],
    ["B23 an unknown parameter", withFields('"parameters": {"__import__": "os"}'), /./],
    ["B23 an object as parameter", withFields('"parameters": {"a": {"b": [1]}}'), /parameter/],
    ["B23 binary output of an unknown kind", withFields('"parameters": {"binary_data_output": "yes"}'), /binary/],
    ["B23 binary data that is not there", changed({ parameters: { binary_data_size: 256 } }), /binary|data/],
    ["not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/],
    ["a byte order mark in UTF-16", Buffer.from(`\ufeff${requestFor([1])}`, "utf16le"), /UTF-8|JSON/],
    ["nothing", "", /JSON|empty/],
    ["an id that is not text", withFields('"id": 5'), /id/],
  ];
  for (const [title, body, message] of cases) {
    test(title, async () => {
      await digits.assertRefused(await digits.infer(body as string), 400, message);
      await digits.nextGoodRequest();
    });
  }

  test("B15 a wrong length of the JSON before binary tensors is refused", async () => {
    let tried = 0;
    for (const length of ["0", "-1", "999999999999", "abc", "", "10", "1e3"]) {
      for (let round = 0; round < amount(5, 125); round++) {
        const response = await digits.infer(requestFor([1]), { "inference-header-content-length": length });
        await digits.assertRefused(response, 400, /Inference-Header-Content-Length|not JSON/);
        tried += 1;
      }
    }
    assert.ok(tried > 0);
    await digits.nextGoodRequest();
  });

  test("B8 a batch of none is an answer of none, as the model allows any size", async () => {
    const response = await digits.infer(changed({ shape: [0, 64], data: [] }));
    const answer = (await response.json()) as { outputs: { shape: number[]; data: number[] }[] };
    assert.equal(response.status, 200);
    assert.deepEqual(
      answer.outputs.map(({ shape, data }) => [shape[0], data.length]),
      [
        [0, 0],
        [0, 0],
      ],
    );
  });

  test("Object.prototype is as it was: a request without fields is still refused for what it lacks", async () => {
    await digits.assertRefused(await digits.infer("{}"), 400, /inputs/);
  });
});

describe("values: exact or refused", () => {
  const ask = (type: Dtype, values: string) =>
    digits.infer(
      `{"inputs":[{"name":"x","datatype":"${type}","shape":[1],"data":[${values}]}]}`,
      {},
      `/v2/models/echo-${type.toLowerCase()}/infer`,
    );
  const refused: [Dtype, string[]][] = [
    ["UINT8", ["300", "-1", "1.5", '"1"', "true", "1e999", "256"]],
    ["INT32", ["1.5", '"1"', "true", "2147483648", "-2147483649", "null"]],
    ["INT64", ["9223372036854775808", "-9223372036854775809", "1.5", "1e30", '"1"', "false"]],
    ["BOOL", ["2", '"true"', "null", "-1"]],
    ["FP32", ["1e39", '"1"', "true", "1e999", "null"]],
  ];
  for (const [type, values] of refused) {
    test(`B11 ${type} refuses ${values.join(" ")}`, async () => {
      for (const value of values) await digits.assertRefused(await ask(type, value), 400, /x.*data\[0\]/);
      await digits.nextGoodRequest();
    });
  }

  const exact: [Dtype, string[]][] = [
    ["INT64", ["9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808", "0"]],
    ["UINT8", ["0", "255"]],
    ["INT32", ["-2147483648", "2147483647"]],
    ["FP32", ["0.1", "-1.5", "16777216"]],
  ];
  for (const [type, values] of exact) {
    test(`B5 ${type} gives back ${values.join(" ")}`, async () => {
      for (const value of values) {
        const response = await ask(type, value);
        const text = await response.text();
        assert.equal(response.status, 200, text);
        const got = /"data":\[([^\]]*)\]/.exec(text)?.[1];
        if (type === "FP32") assert.equal(Math.fround(Number(got)), Math.fround(Number(value)), text);
        else assert.equal(got, value, text);
      }
    });
  }
});

describe("sizes, names and versions", () => {
  test("B18 a body of the limit is taken, one byte more is not", async () => {
    const limit = 64 * 1024 * 1024;
    for (const [size, status] of [
      [limit - 1, 200],
      [limit, 200],
      [limit + 1, 413],
    ] as const) {
      const response = await digits.infer(Buffer.from(requestFor([1]).padEnd(size, " ")));
      const text = await response.text();
      assert.equal(response.status, status, `${size} bytes: ${text.slice(0, 200)}`);
      if (status === 413) digits.assertError(text, /67108864/);
    }
    // Without a length the limit is met while the body comes.
    const connection = await RawConnection.open(digits.port);
    connection.socket.write(
      "POST /v2/models/digits/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    const piece = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(1024 * 1024, " "), Buffer.from("\r\n")]);
    for (let sent = 0; sent <= limit && connection.socket.writable; sent += 1024 * 1024) {
      if (!connection.socket.write(piece)) {
        await Promise.race([new Promise((resolve) => connection.socket.once("drain", resolve)), connection.closed]);
      }
    }
    await connection.ended(10);
    assert.match(connection.text(), /^HTTP\/1\.1 413 /);
    await digits.nextGoodRequest();
  });

  test("B20 names that are none: refused by grammar or unknown, and no file is touched", async () => {
    const names = [
      "..%2f..%2f..%2fetc%2fpasswd",
      "..%2f",
      "%2e%2e",
      "..%5c..%5cwindows",
      "%2fetc%2fpasswd",
      "....",
      "...",
      "model..1",
      "digits%00",
      "digits%0d%0aX-Evil:1",
      "digits.",
      "%64igits%2e",
      "DIGITS",
      "CON",
      "d%D1%96gits",
      "%ff",
      "%",
      "%zz",
      "a".repeat(10_000),
      "-",
      "digits%20",
      "__proto__",
      "constructor",
      "toString",
    ];
    for (const name of names) {
      for (const path of [
        `/v2/models/${name}/infer`,
        `/v2/models/digits/versions/${name}/infer`,
        `/namespaces/${name}/v2/models/digits/infer`,
      ]) {
        const bytes = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
        const [answer] = await RawConnection.exchange(digits.port, bytes);
        assert.ok(answer!.status === 400 || answer!.status === 404, `${path.slice(0, 80)}: ${answer!.status}`);
        assert.doesNotMatch(answer!.head, /X-Evil/i);
        assert.ok(answer!.body.length < 1_000, "an answer is not as long as what the caller made up");
        digits.assertError(answer!.body);
      }
    }
    await digits.nextGoodRequest();
  });

  test("B21 unknown versions", async () => {
    for (const version of ["1", "-1", "01", "18446744073709551616", "latest", "digits-0000000000"]) {
      await digits.assertRefused(await digits.infer(requestFor([1]), {}, `/v2/models/digits/versions/${version}/infer`), 404);
    }
  });
});

test("B26 requests while a model loads are answered by it, and after its deletion get 404", async (t) => {
  const { platform } = digits;
  const rename = (text: string) => text.replace("name: digits", "name: late");
  assert.equal((await platform.slipway(["apply", "-f", "-"], manifest("v1", rename))).code, 0);
  let early = 0;
  await eventually("the model answers", 20, async () => {
    const response = await digits.infer(requestFor([1]), {}, "/v2/models/late/infer");
    if (response.ok) return true;
    assert.ok(response.status === 404 || response.status === 503, `${response.status}`);
    if (response.status === 503) assert.ok(response.headers.get("retry-after") !== null);
    digits.assertError(await response.text());
    early += 1;
    return false;
  });
  t.diagnostic(`${early} requests came before the model was known`);
  const inFlight = Array.from({ length: 20 }, () => digits.infer(requestFor([1]), {}, "/v2/models/late/infer"));
  const [deletion, ...answers] = await Promise.all([platform.slipway(["delete", "model", "late"]), ...inFlight]);
  assert.equal(deletion.code, 0, deletion.stderr);
  for (const answer of answers) assert.equal(answer.status, 200);
  await eventually("the model is unknown", 5, async () => {
    const response = await digits.infer(requestFor([1]), {}, "/v2/models/late/infer");
    if (response.ok) return false;
    await digits.assertRefused(response, 404, /late/);
    return true;
  });
  await digits.nextGoodRequest();
});
