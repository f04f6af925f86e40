import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import { decodeProtobuf } from "./decode-protobuf.ts";

type Field = [number, number | string | Uint8Array | Field[]];

/** Writes fields as protobuf does: numbers as varints, everything else with its length. */
function encode(fields: Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === "number") return Buffer.concat([varint(number * 8), varint(value)]);
      const bytes = Array.isArray(value) ? encode(value) : Buffer.from(value as string);
      return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
    }),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

function body(apiVersion: string, kind: string, fields: Field[]): Buffer {
  const envelope: Field[] = [
    [
      1,
      [
        [1, apiVersion],
        [2, kind],
      ],
    ],
    [2, encode(fields)],
    [3, ""],
    [4, ""],
  ];
  return Buffer.concat([Buffer.from("k8s\0"), encode(envelope)]);
}

test("decodeProtobuf reads an object as its JSON would be, without zero values", () => {
  const metadata: Field[] = [
    [1, "tok"],
    [2, ""],
    [4, ""],
    [7, 0],
    [8, []],
    [
      9,
      [
        [1, 1_700_000_000],
        [2, 0],
      ],
    ],
    [
      11,
      [
        [1, "app"],
        [2, "x"],
      ],
    ],
    [
      11,
      [
        [1, "empty"],
        [2, ""],
      ],
    ],
    [
      13,
      [
        [1, "Model"],
        [3, "m"],
        [4, "u"],
        [5, "slipway.dev/v1alpha1"],
        [6, 1],
      ],
    ],
    [14, "a"],
    [14, "b"],
  ];
  const sent = body("v1", "Secret", [
    [1, metadata],
    [
      2,
      [
        [1, "k"],
        [2, Uint8Array.of(0, 255)],
      ],
    ],
    [3, "Opaque"],
    [5, 0],
  ]);
  assert.deepEqual(decodeProtobuf(sent), {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "tok",
      deletionTimestamp: "2023-11-14T22:13:20Z",
      labels: { app: "x", empty: "" },
      ownerReferences: [{ kind: "Model", name: "m", uid: "u", apiVersion: "slipway.dev/v1alpha1", controller: true }],
      finalizers: ["a", "b"],
    },
    data: { k: "AP8=" },
    type: "Opaque",
  });
});

test("decodeProtobuf reads microseconds and Go's zero time", () => {
  const sent = body("v1", "Event", [
    [
      10,
      [
        [1, 1_700_000_000],
        [2, 5_000],
      ],
    ],
    [6, [[1, -62_135_596_800]]],
  ]);
  assert.deepEqual(decodeProtobuf(sent), { apiVersion: "v1", kind: "Event", eventTime: "2023-11-14T22:13:20.000005Z" });
});

test("decodeProtobuf refuses fields and kinds that it does not know", () => {
  assert.throws(() => decodeProtobuf(body("v1", "Secret", [[9, "x"]])), /unknown protobuf field number 9/);
  assert.throws(() => decodeProtobuf(body("v1", "Pod", [])), { code: "unsupportedMediaType" });
  assert.throws(() => decodeProtobuf(Buffer.from("{}")), { code: "badRequest" });
});

test("decodeProtobuf never fails but with an answer for the caller", () => {
  const good = body("v1", "Secret", [
    [
      1,
      [
        [1, "tok"],
        [
          11,
          [
            [1, "a"],
            [2, "b"],
          ],
        ],
      ],
    ],
    [
      2,
      [
        [1, "k"],
        [2, "v"],
      ],
    ],
  ]);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
      const broken = Buffer.from(good);
      broken[at] = byte;
      for (const bytes of [broken, good.subarray(0, at)]) {
        try {
          decodeProtobuf(bytes);
        } catch (error) {
          assert.ok(error instanceof SlipwayError, String(error));
        }
      }
    }),
  );
});
