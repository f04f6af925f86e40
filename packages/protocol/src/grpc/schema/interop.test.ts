import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import protobuf from "protobufjs";
import { healthProto } from "../files/health-proto.ts";
import { inferenceProto, modelInferRequest, modelInferResponse, modelMetadataResponse } from "../files/inference-proto.ts";
import { reflectionProtos } from "../files/reflection-proto.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeMessage } from "./encode-message.ts";
import { describeFile } from "./file-descriptor.ts";
import { renderProto } from "./render-proto.ts";

// Another implementation reads our `.proto` text; what it writes we read, and the other way round.
const theirs = protobuf.parse(renderProto(inferenceProto), { keepCase: false }).root;
const TheirRequest = theirs.lookupType("inference.ModelInferRequest");
const TheirResponse = theirs.lookupType("inference.ModelInferResponse");

const { fromString } = protobuf.util.Long as unknown as { fromString(text: string, unsigned: boolean): unknown };
const long = (value: bigint, unsigned: boolean) => fromString(value.toString(), unsigned);

test("what another implementation encodes is decoded as it was", () => {
  const int32 = fc.integer();
  const contents = fc.record({
    boolContents: fc.array(fc.boolean()),
    intContents: fc.array(int32),
    int64Contents: fc.array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    uintContents: fc.array(fc.nat(0xffff_ffff)),
    uint64Contents: fc.array(fc.bigInt(0n, 2n ** 64n - 1n)),
    fp32Contents: fc.array(fc.float()),
    fp64Contents: fc.array(fc.double()),
    bytesContents: fc.array(fc.uint8Array()),
  });
  fc.assert(
    fc.property(contents, fc.string({ unit: "grapheme" }), fc.array(fc.uint8Array()), (given, text, raw) => {
      const message = {
        modelName: text,
        id: "7",
        parameters: { flag: { boolParam: false }, whole: { int64Param: long(-5n, false) }, half: { doubleParam: 0.5 } },
        inputs: [
          {
            name: text,
            datatype: "FP32",
            shape: [1, -1],
            contents: {
              ...given,
              int64Contents: given.int64Contents.map((value) => long(value, false)),
              uint64Contents: given.uint64Contents.map((value) => long(value, true)),
            },
          },
        ],
        rawInputContents: raw,
      };
      const bytes = Buffer.from(TheirRequest.encode(TheirRequest.fromObject(message)).finish());
      const ours = decodeMessage(modelInferRequest, bytes);
      assert.equal(ours.modelName, text);
      assert.equal(ours.modelVersion, "");
      assert.equal(ours.parameters.get("flag")?.boolParam, false);
      assert.equal(ours.parameters.get("whole")?.int64Param, -5n);
      assert.equal(ours.parameters.get("half")?.doubleParam, 0.5);
      const [input] = ours.inputs;
      assert.deepEqual([...input!.shape], [1n, -1n]);
      const { contents: read } = input!;
      assert.deepEqual([...read!.boolContents], given.boolContents.map(Number));
      assert.deepEqual([...read!.intContents], given.intContents);
      assert.deepEqual([...read!.int64Contents], given.int64Contents);
      assert.deepEqual([...read!.uintContents], given.uintContents);
      assert.deepEqual([...read!.uint64Contents], given.uint64Contents);
      assert.deepEqual([...read!.fp32Contents], given.fp32Contents);
      assert.deepEqual([...read!.fp64Contents], given.fp64Contents);
      assert.deepEqual(
        given.bytesContents.map((_, index) => new Uint8Array(read!.bytesContents.at(index))),
        given.bytesContents,
      );
      assert.deepEqual(
        raw.map((_, index) => new Uint8Array(ours.rawInputContents.at(index))),
        raw,
      );
      // And encoded by us it is, to the other, the message it was.
      const again = TheirRequest.decode(encodeMessage(modelInferRequest, ours));
      assert.deepEqual(
        TheirRequest.toObject(again, { longs: String, defaults: true }),
        TheirRequest.toObject(TheirRequest.decode(bytes), { longs: String, defaults: true }),
      );
    }),
    { numRuns: 200 },
  );
});

test("what we encode is decoded by another implementation", () => {
  const bytes = encodeMessage(modelInferResponse, {
    modelName: "m",
    id: "",
    outputs: [
      {
        name: "y",
        datatype: "INT64",
        shape: BigInt64Array.of(2n),
        contents: { int64Contents: BigInt64Array.of(-1n, 2n ** 53n + 1n) },
      },
    ],
    rawOutputContents: [Buffer.alloc(0), Buffer.alloc(2_000, 9)],
  });
  const read = TheirResponse.toObject(TheirResponse.decode(bytes), { longs: String });
  assert.deepEqual(read.outputs, [
    { name: "y", datatype: "INT64", shape: ["2"], contents: { int64Contents: ["-1", "9007199254740993"] } },
  ]);
  assert.deepEqual(
    read.rawOutputContents.map((item: Buffer) => item.length),
    [0, 2_000],
  );
});

test("repeated numbers may come packed, one by one, or both", () => {
  const { Writer } = protobuf;
  const contents = new Writer()
    .uint32(0x35)
    .float(1.5)
    .uint32(0x32)
    .fork()
    .float(2)
    .float(3)
    .ldelim()
    .uint32(0x35)
    .float(4)
    .finish();
  const bytes = Buffer.from(
    new Writer()
      .uint32((5 << 3) | 2)
      .fork()
      .uint32((5 << 3) | 2)
      .bytes(contents)
      .ldelim()
      .finish(),
  );
  const [input] = decodeMessage(modelInferRequest, bytes).inputs;
  assert.deepEqual([...input!.contents!.fp32Contents], [1.5, 2, 3, 4]);
});

test("unknown fields are passed over; malformed bytes are refused, whatever they are", () => {
  const known = encodeMessage(modelMetadataResponse, { name: "m" });
  const unknown = Buffer.from(
    protobuf.Writer.create()
      .uint32((90 << 3) | 2)
      .string("later")
      .uint32((91 << 3) | 0)
      .uint32(1)
      .uint32((92 << 3) | 5)
      .float(1)
      .uint32((93 << 3) | 1)
      .double(1)
      .finish(),
  );
  assert.equal(decodeMessage(modelMetadataResponse, Buffer.concat([unknown, known])).name, "m");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeMessage(modelInferRequest, Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof SlipwayError && error.code === "badRequest", String(error));
      }
    }),
    { numRuns: 2_000 },
  );
  const cases: [what: string, bytes: number[]][] = [
    ["a group", [0x0b]],
    ["field number 0", [0x02, 0x00]],
    ["a length past the end", [0x0a, 0x05, 0x41]],
    ["a varint without end", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["a text that is not UTF-8", [0x0a, 0x01, 0xff]],
    ["another wire type", [0x08, 0x01]],
  ];
  for (const [what, bytes] of cases)
    assert.throws(() => decodeMessage(modelInferRequest, Buffer.from(bytes)), { code: "badRequest" }, what);
});

test("a message of very many empty things costs no memory beyond its bound", () => {
  const inputs = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from([0x2a, 0x00])));
  assert.throws(() => decodeMessage(modelInferRequest, inputs), /more than 16384/);
});

test("descriptors are what another implementation makes of the text", async () => {
  const { default: descriptor } = await import("protobufjs/ext/descriptor/index.js");
  for (const file of [inferenceProto, healthProto, ...reflectionProtos]) {
    const parsed = protobuf.parse(renderProto(file), { keepCase: true }).root;
    const set = (
      parsed as unknown as { toDescriptor(syntax: string): protobuf.Message & { file: { messageType: unknown }[] } }
    ).toDescriptor("proto3");
    const ours = descriptor.FileDescriptorProto.decode(describeFile(file)) as unknown as {
      package: string;
      messageType: { enumType?: { value: object[] }[] }[];
    };
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as { name: string; field?: { jsonName?: string }[] }[];
    assert.equal(ours.package, file.package);
    const names = (list: { name: string }[]) => list.map(({ name }) => name).sort();
    const reference = plain(
      (set.file.find((candidate) => (candidate as { package?: string }).package === file.package) ?? set.file.at(-1))!
        .messageType,
    );
    assert.deepEqual(names(plain(ours.messageType)), names(reference));
    for (const message of plain(ours.messageType)) {
      const same = reference.find(({ name }) => name === message.name)!;
      const fields = (list: { field?: object[] }) =>
        (list.field ?? []).map((field) => {
          const { name, number, label, type } = field as Record<string, unknown>;
          return { name, number, label, type };
        });
      assert.deepEqual(fields(message), fields(same), message.name);
    }
    // Readers such as grpcurl's ask that every value of an enumeration says its number, 0 too.
    const values = ours.messageType.flatMap(({ enumType = [] }) => enumType).flatMap(({ value }) => value);
    assert.ok(values.every((value) => Object.hasOwn(value, "number")));
    assert.equal(values.length, file === healthProto ? 4 : 0);
    // Read back, ours is a root that has the service.
    const root = (protobuf.Root as unknown as { fromDescriptor(set: unknown): protobuf.Root }).fromDescriptor({ file: [ours] });
    const service = root.lookupService(`${file.package}.${file.service.name}`);
    assert.deepEqual(Object.keys(service.methods).sort(), Object.keys(file.service.methods).sort());
  }
});
