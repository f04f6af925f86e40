import assert from "node:assert/strict";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { deflateSync, gunzipSync, gzipSync, inflateSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { silentLog, systemClock } from "@slipway/base";
import { fixtureBundle, startFixture, tensorJson } from "../../fixtures/start-fixture.ts";
import type { HttpListenerOptions, InferenceTarget } from "../index.ts";
import { openLoadableModel, serveHttp, startReplica } from "../index.ts";

const good = { inputs: [tensorJson("x", "FP32", [1, 2], [1.5, -2])] };
const answer = { model_name: "m", model_version: "m-1", outputs: [tensorJson("y", "FP32", [1, 2], [1.5, -2])] };
const slow = (rounds: number) => ({ inputs: [tensorJson("rounds", "INT64", [1], [rounds])] });

async function serve(t: TestContext, replica: InferenceTarget, options: Partial<HttpListenerOptions> = {}): Promise<string> {
  const server = await serveHttp(replica, { port: 0, version: "1.2.3", clock: systemClock, log: silentLog, ...options });
  t.after(() => server.close({ drainMs: 0 }));
  assert.ok("url" in server.address);
  return server.address.url;
}

async function get(url: string, init?: RequestInit): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.json(), headers: response.headers };
}

function post(url: string, body: unknown, headers: Record<string, string> = { "content-type": "application/json" }) {
  return get(url, {
    method: "POST",
    headers,
    body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
}

function raw(url: string, body: Buffer, headers: Record<string, string>) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    const sent = httpRequest(url, { method: "POST", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on("error", reject).end(body);
  });
}

describe("serveHttp()", () => {
  it("tells its metrics as Prometheus reads them, where there are any", async (t) => {
    const replica = await startFixture(t, "identity-fp32");
    const url = await serve(t, replica, { metrics: replica.metrics });
    await post(`${url}/v2/models/m/infer`, good);
    const response = await fetch(`${url}/metrics`);
    assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.match(await response.text(), /^inference_requests_total\{.*code="200"\} 1$/m);
    assert.equal((await fetch(`${await serve(t, replica)}/metrics`)).status, 404);
  });

  it("speaks the Open Inference Protocol over REST", async (t) => {
    const url = await serve(t, await startFixture(t, "identity-fp32"));
    const x = { datatype: "FP32", shape: [-1, 2] };
    const metadata = {
      name: "m",
      versions: ["m-1"],
      platform: "onnxruntime_onnx",
      inputs: [{ name: "x", ...x }],
      outputs: [{ name: "y", ...x }],
    };
    for (const [path, body] of [
      ["/v2", { name: "slipway", version: "1.2.3", extensions: ["binary_tensor_data"] }],
      ["/v2/health/live", { live: true }],
      ["/v2/health/ready", { ready: true }],
      ["/v2/models/m", metadata],
      ["/v2/models/m/versions/m-1", metadata],
      ["/v2/models/m/ready", { name: "m", ready: true }],
      ["/v2/models/m/versions/m-1/ready", { name: "m", ready: true }],
    ] as const) {
      const got = await get(url + path);
      assert.deepEqual([path, got.status, got.body], [path, 200, body]);
      assert.equal(got.headers.get("content-type"), "application/json");
    }
    for (const path of ["/v2/models/m/infer", "/v2/models/m/versions/m-1/infer"]) {
      assert.deepEqual((await post(url + path, good)).body, answer);
    }
  });

  it("refuses bad requests with a status, one error text and nothing else, then answers the next good one", async (t) => {
    const url = await serve(t, await startFixture(t, "identity-fp32"));
    const infer = `${url}/v2/models/m/infer`;
    const json = { "content-type": "application/json" };
    for (const [name, status, request] of [
      ["B1", 400, () => post(infer, "{")],
      ["B2", 400, () => post(infer, "[".repeat(100_000))],
      ["B12", 400, () => post(infer, { inputs: [tensorJson("x", "FP32", [1, 2], [[1], 2])] })],
      ["B20 another model", 404, () => post(`${url}/v2/models/n/infer`, good)],
      ["B20 a long name", 404, () => get(`${url}/v2/models/${"n".repeat(10_000)}`)],
      ["B20 a traversal", 400, () => get(`${url}/v2/models/..%2f..%2fetc%2fpasswd`)],
      ["B20 dots", 404, () => get(`${url}/v2/models/...`)],
      ["B21", 404, () => get(`${url}/v2/models/m/versions/-1`)],
      ["B21", 404, () => get(`${url}/v2/models/m/versions/01`)],
      ["B21", 404, () => get(`${url}/v2/models/m/versions/18446744073709551616/ready`)],
      ["B21", 404, () => post(`${url}/v2/models/m/versions/m-2/infer`, good)],
      ["nothing there", 404, () => get(`${url}/v2/models/m/generate`)],
      ["A19", 405, () => get(infer)],
      ["A19", 405, () => post(`${url}/v2/models/m`, good)],
      ["a form", 415, () => post(infer, good, { "content-type": "application/x-www-form-urlencoded" })],
      ["A14 no gzip", 400, () => post(infer, good, { ...json, "content-encoding": "gzip" })],
      [
        "A14 half",
        400,
        () => post(infer, gzipSync(JSON.stringify(good)).subarray(0, 20), { ...json, "content-encoding": "gzip" }),
      ],
      ["A14 nested", 400, () => post(infer, gzipSync(gzipSync(JSON.stringify(good))), { ...json, "content-encoding": "gzip" })],
      ["A14 bomb", 413, () => post(infer, gzipSync(Buffer.alloc(70 * 1024 * 1024)), { ...json, "content-encoding": "gzip" })],
      ["A14 brotli", 415, () => post(infer, good, { ...json, "content-encoding": "br" })],
      ["A14 twice", 415, () => post(infer, good, { ...json, "content-encoding": "gzip, gzip" })],
      ["B15", 400, () => post(infer, good, { ...json, "inference-header-content-length": "10" })],
      ["B15 no number", 400, () => post(infer, good, { ...json, "inference-header-content-length": "x" })],
      ["a tensor alone", 415, () => post(infer, good, { "content-type": "application/octet-stream" })],
      ["L3", 400, () => post(infer, "", json)],
    ] as const) {
      const got = await request();
      assert.deepEqual([name, got.status], [name, status]);
      assert.deepEqual(Object.keys(got.body as object), ["error"]);
      assert.doesNotMatch(JSON.stringify(got.body), /node_modules|\.ts|\/work|\/tmp/);
      assert.equal((await post(infer, good)).status, 200);
    }
    assert.equal((await get(infer)).headers.get("allow"), "POST");
  });

  it("takes and answers binary data, whatever the place of a tensor in the body", async (t) => {
    const url = await serve(t, await startFixture(t, "identity-fp32"));
    const values = Float32Array.from({ length: 100_000 }, (_, index) => (index % 3 === 0 ? Number.NaN : index / 7));
    values[1] = Number.NEGATIVE_INFINITY;
    for (let pad = 0; pad < 8; pad += 1) {
      for (const count of [2, 100_000]) {
        const data = Buffer.from(values.buffer, 0, count * 4);
        const x = { name: "x", datatype: "FP32", shape: [count / 2, 2], parameters: { binary_data_size: data.length } };
        const json = Buffer.from(JSON.stringify({ id: "i".repeat(pad), inputs: [x], parameters: { binary_data_output: true } }));
        const response = await fetch(`${url}/v2/models/m/infer`, {
          method: "POST",
          headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(json.length) },
          body: Buffer.concat([json, data]),
        });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("content-type"), "application/octet-stream");
        const jsonBytes = Number(response.headers.get("inference-header-content-length"));
        const body = Buffer.from(await response.arrayBuffer());
        const head = JSON.parse(body.toString("utf8", 0, jsonBytes)) as { id: string; outputs: unknown[] };
        assert.deepEqual(head.outputs, [{ ...x, name: "y" }]);
        assert.equal(head.id.length, pad);
        assert.ok(body.subarray(jsonBytes).equals(data));
      }
    }
  });

  it("takes compressed requests, and compresses large answers for who asks", async (t) => {
    const url = await serve(t, await startFixture(t, "identity-fp32"));
    const data = new Float32Array(20_000).fill(1.5);
    const bytes = Buffer.from(data.buffer);
    const x = { name: "x", datatype: "FP32", shape: [10_000, 2] };
    const binary = {
      inputs: [{ ...x, parameters: { binary_data_size: bytes.length } }],
      parameters: { binary_data_output: true },
    };
    const json = Buffer.from(JSON.stringify(binary));
    const whole = Buffer.concat([json, bytes]);
    for (const [encoding, compress] of [
      ["gzip", gzipSync],
      ["deflate", deflateSync],
      ["zstd", zstdCompressSync],
    ] as const) {
      // fetch() would ask for every coding it knows, and hide what it got.
      const answer = await raw(`${url}/v2/models/m/infer`, compress(whole), {
        "content-encoding": encoding,
        "inference-header-content-length": String(json.length),
        "accept-encoding": encoding,
      });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["content-encoding"], encoding);
      assert.equal(answer.headers.vary, "accept-encoding");
      const inflate = { gzip: gunzipSync, deflate: inflateSync, zstd: zstdDecompressSync }[encoding];
      const inflated = inflate(answer.body);
      const jsonBytes = Number(answer.headers["inference-header-content-length"]);
      assert.ok(inflated.subarray(jsonBytes).equals(bytes));
      assert.ok(answer.body.length < bytes.length / 10);
    }
    const list = await raw(`${url}/v2/models/m/infer`, Buffer.from(JSON.stringify(good)), { "accept-encoding": "gzip" });
    assert.equal(list.headers["content-encoding"], undefined);
    const local = await raw(`${url}/v2/models/m/infer`, whole, {
      "inference-header-content-length": String(json.length),
      "accept-encoding": "gzip, deflate",
    });
    assert.equal(local.headers["content-encoding"], undefined);
  });

  it('takes "timeout" as a deadline in microseconds', async (t) => {
    const url = await serve(t, await startFixture(t, "slow"));
    const infer = `${url}/v2/models/m/infer`;
    const first = post(infer, slow(20_000));
    const late = await post(infer, { ...slow(1), parameters: { timeout: 1 } });
    assert.equal(late.status, 504);
    assert.equal((await first).status, 200);
    assert.equal((await post(infer, { ...slow(1), parameters: { timeout: 60_000_000 } })).status, 200);
  });

  it("B18 takes a body at its limit and refuses one byte more", async (t) => {
    const text = JSON.stringify(good);
    const url = await serve(t, await startFixture(t, "identity-fp32"), { bodyLimit: text.length + 1 });
    const infer = `${url}/v2/models/m/infer`;
    assert.equal((await post(infer, text)).status, 200);
    assert.equal((await post(infer, `${text} `)).status, 200);
    assert.equal((await post(infer, `${text}  `)).status, 413);
    assert.equal((await post(infer, text)).status, 200);
  });

  it("answers health while the model runs", async (t) => {
    const url = await serve(t, await startFixture(t, "slow"));
    let finished = false;
    const running = post(`${url}/v2/models/m/infer`, slow(20_000)).then((got) => {
      finished = true;
      return got.status;
    });
    for (let probe = 0; probe < 20; probe += 1) assert.equal((await get(`${url}/v2/health/live`)).status, 200);
    assert.equal(finished, false);
    assert.equal(await running, 200);
  });

  it("is alive but not ready while it drains", async (t) => {
    const replica = await startFixture(t, "slow");
    const url = await serve(t, replica);
    await replica.drain();
    assert.equal((await get(`${url}/v2/health/live`)).status, 200);
    const ready = await get(`${url}/v2/health/ready`);
    assert.equal(ready.status, 503);
    assert.equal(ready.headers.get("retry-after"), "1");
    const infer = await post(`${url}/v2/models/m/infer`, slow(1));
    assert.equal(infer.status, 503);
    assert.equal(infer.headers.get("retry-after"), "1");
  });

  it("is a repository of one model: lists, unloads and loads it again", async (t) => {
    const bundle = await fixtureBundle(t, "identity-fp32");
    const start = () =>
      startReplica({ ...bundle, namespace: "default", model: "m", revision: "m-1", clock: systemClock, log: silentLog });
    const model = await openLoadableModel({ start, log: silentLog });
    t.after(() => model.close());
    const url = await serve(t, model);
    const repository = (path: string, body?: unknown) =>
      fetch(`${url}/v2/repository/${path}`, { method: "POST", ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const index = async (body?: unknown) => (await repository("index", body)).json();
    const ready = { name: "m", version: "m-1", state: "READY", reason: "" };
    const gone = { name: "m", version: "m-1", state: "UNAVAILABLE", reason: "unloaded" };
    assert.deepEqual(((await get(`${url}/v2`)).body as { extensions: string[] }).extensions, [
      "binary_tensor_data",
      "model_repository",
      "model_repository(unload_dependents)",
    ]);
    for (let round = 0; round < 2; round += 1) {
      assert.deepEqual(await index(), [ready]);
      const unloaded = await repository("models/m/unload", { parameters: { unload_dependents: false } });
      assert.deepEqual([unloaded.status, await unloaded.text()], [200, ""]);
      assert.equal((await repository("models/m/unload")).status, 200);
      assert.deepEqual(await index({}), [gone]);
      assert.deepEqual(await index({ ready: true }), []);
      for (const [status, path] of [
        [404, "/v2/models/m"],
        [404, "/v2/models/m/ready"],
        [404, "/v2/models/n"],
        [503, "/v2/health/ready"],
        [200, "/v2/health/live"],
      ] as const) {
        assert.deepEqual([path, (await get(url + path)).status], [path, status]);
      }
      const refused = await post(`${url}/v2/models/m/infer`, good);
      assert.equal(refused.status, 404);
      assert.match((refused.body as { error: string }).error, /is not loaded.*repository\/models\/m\/load/);
      assert.equal((await repository("models/m/load", {})).status, 200);
      assert.deepEqual((await post(`${url}/v2/models/m/infer`, good)).body, answer);
    }
    // Loading what is loaded loads it anew.
    assert.equal((await repository("models/m/load")).status, 200);
    assert.deepEqual(await index({ ready: true }), [ready]);
    for (const [status, path, body] of [
      [404, "models/n/load", undefined],
      [404, "models/n/unload", undefined],
      [400, "models/m/load", { parameters: { config: "{}" } }],
      [400, "models/m/unload", { parameters: { force: true } }],
      [400, "models/m/load", { parameters: [] }],
      [400, "models/m/load", []],
      [400, "index", { ready: "yes" }],
      [400, "index", { redy: true }],
    ] as const) {
      assert.deepEqual([path, (await repository(path, body)).status], [path, status]);
    }
    assert.equal((await get(`${url}/v2/repository/index`)).status, 405);
    assert.deepEqual((await post(`${url}/v2/models/m/infer`, good)).body, answer);
  });
});
