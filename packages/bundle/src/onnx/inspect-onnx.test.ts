import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { bytes, externalTensor, number, onnxModel, tensorInfo, valueInfo } from "../testing/onnx-model.ts";
import { digits } from "../testing/scratch.ts";
import { type ByteSource, bufferBytes } from "./byte-source.ts";
import { inspectOnnx } from "./inspect-onnx.ts";
import { onnxFields } from "./onnx-fields.ts";

const { GraphProto, NodeProto, AttributeProto, ModelProto, FunctionProto, TypeProto } = onnxFields;

function inspect(model: Buffer, files: Readonly<Record<string, number>> = {}) {
  return inspectOnnx(bufferBytes(model), {
    path: "model.onnx",
    files: new Map(Object.entries({ "model.onnx": model.length, ...files })),
  });
}

function refusal(model: Buffer, files: Readonly<Record<string, number>> = {}): SlipwayError {
  try {
    inspect(model, files);
  } catch (caught) {
    assert.ok(caught instanceof SlipwayError, String(caught));
    assert.equal(caught.code, "invalid");
    assert.match(caught.message, /model\.onnx/);
    assert.notEqual(caught.problems.length, 0);
    return caught;
  }
  throw new assert.AssertionError({ message: "The model was taken." });
}

test("the example's inputs, outputs and operator set are read", async () => {
  for (const version of ["v1", "v2"]) {
    assert.deepEqual(inspect(await readFile(join(digits, version, "model.onnx"))), {
      signature: {
        inputs: [{ name: "image", datatype: "FP32", shape: [-1, 64] }],
        outputs: [
          { name: "label", datatype: "INT64", shape: [-1] },
          { name: "probabilities", datatype: "FP32", shape: [-1, 10] },
        ],
      },
      opsets: { "ai.onnx": 17 },
    });
  }
});

test("every element type of the protocol is read, and every dimension", () => {
  const types = [
    "FP32",
    "UINT8",
    "INT8",
    "UINT16",
    "INT16",
    "INT32",
    "INT64",
    "BYTES",
    "BOOL",
    "FP16",
    "FP64",
    "UINT32",
    "UINT64",
  ];
  const inputs = types.map((_, i) => tensorInfo(`t${i + 1}`, i + 1, [2, "n", undefined, -1, 0]));
  const { signature } = inspect(onnxModel({ inputs, outputs: [tensorInfo("scalar", 1, [])] }));
  assert.deepEqual(
    signature.inputs,
    types.map((datatype, i) => ({ name: `t${i + 1}`, datatype, shape: [2, -1, -1, -1, 0] })),
  );
  assert.deepEqual(signature.outputs, [{ name: "scalar", datatype: "FP32", shape: [] }]);
});

test("initializers listed among the inputs are not inputs", () => {
  const graph = [bytes(GraphProto.initializer, bytes(8, "w")), bytes(GraphProto.sparse_initializer, bytes(1, bytes(8, "s")))];
  const inputs = ["w", "x", "s"].map((name) => tensorInfo(name, 1, [1]));
  assert.deepEqual(
    inspect(onnxModel({ graph, inputs })).signature.inputs.map(({ name }) => name),
    ["x"],
  );
});

test("types that cannot be served are all named at once", () => {
  const inputs = [tensorInfo("b", 16, [1]), tensorInfo("c", 14, [1]), tensorInfo("f", 17, [1]), tensorInfo("z", 999, [1])];
  const outputs = [
    valueInfo("sequence", bytes(TypeProto.sequence_type)),
    valueInfo("map", bytes(TypeProto.map_type)),
    valueInfo("sparse", bytes(TypeProto.sparse_tensor_type)),
    valueInfo("optional", bytes(TypeProto.optional_type)),
    valueInfo("opaque", bytes(TypeProto.opaque_type)),
    valueInfo("nothing", Buffer.alloc(0)),
    tensorInfo("shapeless", 1),
    tensorInfo("", 1, [1]),
    tensorInfo("twice", 1, [1]),
    tensorInfo("twice", 1, [1]),
  ];
  const messages = refusal(onnxModel({ inputs, outputs })).problems.map(({ message }) => message);
  const expected = ["bfloat16", "complex64", "element type 17", "element type 999", "a sequence", "a map", "a sparse tensor"];
  const more = ["an optional value", "an opaque value", "no single type", "no shape", "no name", "Two outputs"];
  assert.equal(messages.length, expected.length + more.length);
  for (const [i, part] of [...expected, ...more].entries()) assert.ok(messages[i]!.includes(part), `${messages[i]} / ${part}`);
});

test("a model without inputs, outputs, graph, IR version or operator set is refused", () => {
  assert.match(refusal(onnxModel({ inputs: [] })).message, /no input/);
  assert.match(refusal(onnxModel({ outputs: [] })).message, /no output/);
  assert.match(refusal(number(ModelProto.ir_version, 8)).message, /no operator set/);
  assert.match(refusal(onnxModel({ model: [bytes(ModelProto.graph)] })).message, /two graphs/);
  assert.match(refusal(bytes(ModelProto.graph)).message, /no IR version/);
});

test("external data inside the directory is taken", () => {
  const tensor = externalTensor("w", { location: "data/weights.bin", offset: "4096", length: "100" });
  inspect(onnxModel({ graph: [bytes(GraphProto.initializer, tensor)] }), { "data/weights.bin": 4196 });
});

const outside: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  parent: [["location", "../weights.bin"]],
  "parent in the middle": [["location", "data/../../weights.bin"]],
  absolute: [["location", "/etc/passwd"]],
  "with a backslash": [["location", "..\\weights.bin"]],
  empty: [["location", ""]],
  "not there": [["location", "other.bin"]],
  "the model itself": [["location", "model.onnx"]],
  "without location": [["offset", "0"]],
  "a memory address": [
    ["location", "*/_ORT_MEM_ADDR_/*"],
    ["offset", "1024"],
    ["length", "8"],
  ],
  "past the end": [
    ["location", "weights.bin"],
    ["offset", "90"],
    ["length", "11"],
  ],
  "offset past the end": [
    ["location", "weights.bin"],
    ["offset", "101"],
  ],
  "negative offset": [
    ["location", "weights.bin"],
    ["offset", "-1"],
  ],
  "negative length": [
    ["location", "weights.bin"],
    ["length", "-1"],
  ],
  "offset beyond 2^53": [
    ["location", "weights.bin"],
    ["offset", "9007199254740993"],
  ],
  "offset in hexadecimal": [
    ["location", "weights.bin"],
    ["offset", "0x1"],
  ],
  "two locations": [
    ["location", "weights.bin"],
    ["location", "../weights.bin"],
  ],
};

test("external data outside the directory or the file is refused, wherever the tensor is", () => {
  for (const [what, entries] of Object.entries(outside)) {
    const tensor = externalTensor("w", entries);
    const attribute = bytes(NodeProto.attribute, bytes(AttributeProto.t, tensor));
    const inner = bytes(NodeProto.attribute, bytes(AttributeProto.g, bytes(GraphProto.initializer, tensor)));
    const places: Readonly<Record<string, Buffer>> = {
      initializer: onnxModel({ graph: [bytes(GraphProto.initializer, tensor)] }),
      "sparse initializer": onnxModel({ graph: [bytes(GraphProto.sparse_initializer, bytes(1, tensor))] }),
      attribute: onnxModel({ graph: [bytes(GraphProto.node, attribute)] }),
      "graph in an attribute": onnxModel({ graph: [bytes(GraphProto.node, inner)] }),
      function: onnxModel({ model: [bytes(ModelProto.functions, bytes(FunctionProto.node, attribute))] }),
      "training graph": onnxModel({ model: [bytes(ModelProto.training_info, bytes(2, bytes(GraphProto.initializer, tensor)))] }),
    };
    for (const [where, model] of Object.entries(places)) {
      assert.match(refusal(model, { "weights.bin": 100 }).message, /external data of tensor "w"/, `${what} in ${where}`);
    }
  }
});

test("sparse tensors have no external data, valid or not", () => {
  const tensor = externalTensor("w", { location: "weights.bin" });
  const model = onnxModel({ graph: [bytes(GraphProto.sparse_initializer, bytes(1, tensor))] });
  assert.match(refusal(model, { "weights.bin": 100 }).message, /sparse/);
});

test("graphs 100,000 deep are refused without a crash", () => {
  // Each level's length is in the level above it, so lengths are built from the inside out.
  const heads: Buffer[] = [];
  let length = 0;
  for (let i = 0; i < 300_000; i++) {
    const field = [AttributeProto.g, NodeProto.attribute, GraphProto.node][i % 3]!;
    const head = lengthHeader(field, length);
    heads.push(head);
    length += head.length;
  }
  assert.match(refusal(onnxModel({ graph: [Buffer.concat(heads.reverse())] })).message, /more than 32 deep/);
});

function lengthHeader(field: number, length: number): Buffer {
  const value = number(1, length).subarray(1);
  return Buffer.concat([Buffer.from([(field << 3) | 2]), value]);
}

test("other formats are refused by content and by name", () => {
  const heads: Readonly<Record<string, Buffer>> = {
    "a Python pickle": Buffer.from("80049514000000000000008c", "hex"),
    "a zip archive": Buffer.from("PK\x03\x04rest of it"),
    "an HDF5 file": Buffer.from("\x89HDF\r\n\x1a\n", "latin1"),
    "a NumPy array": Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    "a gzip archive": Buffer.from([0x1f, 0x8b, 8, 0]),
    "a zlib stream": Buffer.from([0x78, 0x9c, 8, 0]),
    "a GGUF file": Buffer.from("GGUF\x03\0\0\0"),
    "a safetensors file": Buffer.from('\x40\0\0\0\0\0\0\0{"a":1}'),
    "a TensorFlow Lite file": Buffer.from("\x1c\0\0\0TFL3\0\0\0\0"),
    "a Git LFS pointer": Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
    "JSON or another text": Buffer.from('{"a": 1}'),
    "an empty file": Buffer.alloc(0),
  };
  for (const [name, head] of Object.entries(heads))
    assert.ok(refusal(head).message.includes(name), `${name}: ${refusal(head).message}`);
});

test("a model cut at any of 1,000 places is refused", async () => {
  const model = await readFile(join(digits, "v2/model.onnx"));
  for (let i = 0; i < 1000; i++) refusal(model.subarray(0, Math.floor((i * model.length) / 1000)));
});

test("a model with random bits flipped is read or refused, and nothing else happens", async () => {
  const model = await readFile(join(digits, "v1/model.onnx"));
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  let refusals = 0;
  for (let i = 0; i < 10_000; i++) {
    const broken = Buffer.from(model);
    for (let flips = 1 + random(4); flips > 0; flips--) {
      // Half of them in the last bytes, where the structure is; weights fill the rest.
      const at = random(2) === 0 ? random(model.length) : model.length - 1 - random(200);
      broken[at]! ^= 1 << random(8);
    }
    try {
      inspect(broken);
    } catch (caught) {
      assert.ok(caught instanceof SlipwayError && caught.code === "invalid", String(caught));
      refusals++;
    }
  }
  assert.ok(refusals > 1000, `${refusals} refusals`);
});

test("weights are stepped over, not read", () => {
  const model = onnxModel({ graph: [bytes(GraphProto.initializer, bytes(9, Buffer.alloc(2 ** 24)))] });
  let read = 0;
  const counting: ByteSource = {
    size: model.length,
    read: (target, position) => {
      const got = bufferBytes(model).read(target, position);
      read += got;
      return got;
    },
  };
  inspectOnnx(counting, { path: "model.onnx", files: new Map() });
  assert.ok(read < 2 ** 20, `${read} bytes`);
});
