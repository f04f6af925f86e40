import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultBundleLimits } from "../build/bundle-limits.ts";
import { type BundleConfig, decodeBundleConfig, encodeBundleConfig } from "./bundle-config.ts";
import { parseDigest } from "./digest.ts";

const digest = parseDigest(`sha256:${"a".repeat(64)}`);
type OnnxConfig = Extract<BundleConfig, { format: "onnx" }>;
const config: OnnxConfig = {
  format: "onnx",
  model: "model/model.onnx",
  signature: {
    inputs: [{ name: "x", datatype: "FP32", shape: [-1, 4] }],
    outputs: [{ name: "__proto__", datatype: "BYTES", shape: [] }],
  },
  opsets: { "ai.onnx": 17, "ai.onnx.ml": 3 },
  samples: ["model/samples/1.json"],
  files: [
    { path: "model/model.onnx", digest, size: 100 },
    { path: "model/samples/1.json", digest, size: 0 },
  ],
  layers: [digest],
};
const limits = { ...defaultBundleLimits, files: 3, totalBytes: 150 };
const [first, second] = config.files as [BundleConfig["files"][0], BundleConfig["files"][0]];

test("what is encoded is decoded", () => {
  assert.deepEqual(decodeBundleConfig(encodeBundleConfig(config), limits), config);
});

test("a config that lies about its files is refused", () => {
  const lies: readonly (readonly [string, Partial<OnnxConfig>])[] = [
    ["not one of its files", { model: "model/other.onnx" }],
    ["not one of its files", { samples: ["model/samples/2.json"] }],
    ["not a path", { files: [{ ...first, path: "model/../etc/passwd" }, second] }],
    ["not a path", { files: [{ ...first, path: "/model/model.onnx" }, second] }],
    ["not a path", { files: [{ ...first, path: "usr/bin/node" }, second] }],
    ["not a path", { files: [{ ...first, path: "model/" }, second] }],
    ["not in order", { files: [second, first] }],
    ["not in order", { files: [first, first] }],
    ["more than 150 bytes", { files: [first, { ...second, size: 51 }] }],
    ["more than 3 entries", { files: [first, first, first, first] }],
    ["not a size", { files: [{ ...first, size: -1 }, second] }],
    ["sha256 digest", { layers: ["sha256:x"] }],
  ];
  for (const [message, change] of lies) {
    const bytes = encodeBundleConfig({ ...config, ...change } as BundleConfig);
    assert.throws(() => decodeBundleConfig(bytes, limits), { code: "invalid", message: new RegExp(message) });
  }
});

test("a config of another version, format or type is refused", () => {
  const text = encodeBundleConfig(config).toString();
  const changes = [
    ['"version":1', '"version":2'],
    ['"format":"onnx"', '"format":"pickle"'],
    ['"FP32"', '"FP8"'],
    ["[-1,4]", "[-2,4]"],
    ["[-1,4]", "[1.5]"],
    ['"os":"unknown"', '"os":"linux"'],
    ['"slipway":', '"extra":1,"slipway":'],
    ['"size":100', '"size":1e2'],
  ] as const;
  for (const [from, to] of changes) {
    assert.ok(text.includes(from));
    assert.throws(() => decodeBundleConfig(Buffer.from(text.replace(from, to)), limits), { code: "invalid" }, to);
  }
});
