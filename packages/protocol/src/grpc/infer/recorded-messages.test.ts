import assert from "node:assert/strict";
import { test } from "node:test";
import type { Datatype } from "../../oip/datatype.ts";
import type { TensorData } from "../../oip/tensor.ts";
import { modelInferRequest } from "../messages/inference-messages.ts";
import { parseGrpcRequest } from "./parse-grpc-request.ts";
import { readModelName } from "./read-model-name.ts";
import { renderGrpcResponse } from "./render-grpc-response.ts";

// What Python's protobuf 7.36.2 made of proto/inference/grpc_service.proto: for each datatype a request with input x and an answer with output y.
const recorded: [datatype: Datatype, data: TensorData, request: string, answer: string][] = [
  [
    "BOOL",
    Uint8Array.of(1, 0),
    "0a016d1a01372a130a01781204424f4f4c1a0201022a040a020100",
    "0a016d12036d2d311a01372a130a01791204424f4f4c1a0201022a040a020100",
  ],
  [
    "INT8",
    Int8Array.of(-128, 127),
    "0a016d1a01372a1c0a01781204494e54381a0201022a0d120b80ffffffffffffffff017f",
    "0a016d12036d2d311a01372a1c0a01791204494e54381a0201022a0d120b80ffffffffffffffff017f",
  ],
  [
    "INT32",
    Int32Array.of(-2147483648, 2147483647),
    "0a016d1a01372a210a01781205494e5433321a0201022a11120f80808080f8ffffffff01ffffffff07",
    "0a016d12036d2d311a01372a210a01791205494e5433321a0201022a11120f80808080f8ffffffff01ffffffff07",
  ],
  [
    "INT64",
    BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n),
    "0a016d1a01372a240a01781205494e5436341a0201022a141a12808080808080808080018180808080808010",
    "0a016d12036d2d311a01372a240a01791205494e5436341a0201022a141a12808080808080808080018180808080808010",
  ],
  [
    "UINT16",
    Uint16Array.of(0, 65535),
    "0a016d1a01372a170a0178120655494e5431361a0201022a06220400ffff03",
    "0a016d12036d2d311a01372a170a0179120655494e5431361a0201022a06220400ffff03",
  ],
  [
    "UINT32",
    Uint32Array.of(0, 4294967295),
    "0a016d1a01372a190a0178120655494e5433321a0201022a08220600ffffffff0f",
    "0a016d12036d2d311a01372a190a0179120655494e5433321a0201022a08220600ffffffff0f",
  ],
  [
    "UINT64",
    BigUint64Array.of(2n ** 64n - 1n, 2n ** 32n),
    "0a016d1a01372a220a0178120655494e5436341a0201022a112a0fffffffffffffffffff018080808010",
    "0a016d12036d2d311a01372a220a0179120655494e5436341a0201022a112a0fffffffffffffffffff018080808010",
  ],
  [
    "FP32",
    Float32Array.of(0.1, Number.NaN),
    "0a016d1a01372a190a01781204465033321a0201022a0a3208cdcccc3d0000c07f",
    "0a016d12036d2d311a01372a190a01791204465033321a0201022a0a3208cdcccc3d0000c07f",
  ],
  [
    "FP64",
    Float64Array.of(0.1, -0),
    "0a016d1a01372a210a01781204465036341a0201022a123a109a9999999999b93f0000000000000080",
    "0a016d12036d2d311a01372a210a01791204465036341a0201022a123a109a9999999999b93f0000000000000080",
  ],
  [
    "BYTES",
    ["größer", Buffer.from([0xff, 0])],
    "0a016d1a01372a1e0a0178120542595445531a0201022a0e42086772c3b6c39f65724202ff00",
    "0a016d12036d2d311a01372a1e0a0179120542595445531a0201022a0e42086772c3b6c39f65724202ff00",
  ],
];

for (const [datatype, data, request, answer] of recorded) {
  test(`${datatype} in typed contents is what Python's protobuf makes of it`, () => {
    const parsed = parseGrpcRequest(Buffer.from(request, "hex"), signatureOf(datatype));
    assert.equal(parsed.id, "7");
    assert.deepEqual(parsed.inputs, [{ name: "x", datatype, shape: [1, 2], data }]);
    assert.equal(parsed.binaryOutputs, undefined);
    const outputs = [{ name: "y", datatype, shape: [1, 2], data }];
    const { pieces, size } = renderGrpcResponse({ modelName: "m", modelVersion: "m-1", id: "7", outputs }, false, 1_000);
    assert.equal(Buffer.concat(pieces).toString("hex"), answer);
    assert.equal(size, answer.length / 2);
  });
}

test("raw contents and parameters are what Python's protobuf makes of them", () => {
  const request = Buffer.from(
    "0a086772c3b6c39f65721201321a0138220e0a087072696f72697479120228012a250a01781204465033321a02010222160a1062696e6172795f646174615f73697a651202100832160a017912110a0b62696e6172795f64617461120208013a080000c03f000000c0",
    "hex",
  );
  assert.deepEqual(readModelName(request), { model: "größer", version: "2", id: "8" });
  const parsed = parseGrpcRequest(request, signatureOf("FP32"));
  assert.deepEqual(parsed.inputs, [{ name: "x", datatype: "FP32", shape: [1, 2], data: Float32Array.of(1.5, -2) }]);
  assert.deepEqual(parsed.binaryOutputs, ["y"]);
  assert.deepEqual({ ...parsed.parameters }, { priority: 1 });
  const outputs = [{ name: "y", datatype: "FP32" as const, shape: [1, 2], data: Float32Array.of(1.5, -2) }];
  const { pieces } = renderGrpcResponse({ modelName: "m", modelVersion: "m-1", id: "8", outputs }, true, 1_000);
  assert.equal(Buffer.concat(pieces).toString("hex"), "0a016d12036d2d311a01382a0d0a01791204465033321a02010232080000c03f000000c0");
});

test("large raw contents are not copied on either way, and the message is as long as is said", () => {
  const data = new Float32Array(100_000).fill(1.5);
  const outputs = ["y", "z"].map((name) => ({ name, datatype: "FP32" as const, shape: [1, data.length], data }));
  const { pieces, size } = renderGrpcResponse({ modelName: "m", outputs }, true, 10_000_000);
  assert.equal(pieces.filter((piece) => piece.buffer === data.buffer).length, 2);
  assert.equal(Buffer.concat(pieces).length, size);
  const message = requestOf(data);
  const [input] = parseGrpcRequest(message, signatureOf("FP32", data.length)).inputs;
  assert.equal((input!.data as Float32Array).buffer, message.buffer);
  assert.deepEqual(input!.data, data);
});

test("an answer above the limit is refused", () => {
  const outputs = [{ name: "y", datatype: "FP32" as const, shape: [1, 2_000], data: new Float32Array(2_000) }];
  for (const raw of [true, false])
    assert.throws(() => renderGrpcResponse({ modelName: "m", outputs }, raw, 8_000), { code: "internal" });
});

function signatureOf(datatype: Datatype, columns = 2) {
  const spec = { datatype, shape: [-1, columns] };
  return { inputs: [{ name: "x", ...spec }], outputs: [{ name: "y", ...spec }] };
}

/** A request with raw contents at a place where they can be seen as floats. */
function requestOf(data: Float32Array<ArrayBuffer>): Buffer {
  const contents = Buffer.from(data.buffer);
  const input = { name: "x", datatype: "FP32", shape: [1, data.length], parameters: {}, contents: null };
  for (let id = "1"; ; id += "1") {
    const head = [
      modelInferRequest.encode({ id, inputs: [input] }),
      modelInferRequest.prefix("rawInputContents", contents.length),
    ];
    const message = Buffer.concat([...head, contents]);
    if ((message.byteOffset + message.length) % 4 === 0) return message;
  }
}
