import assert from "node:assert/strict";
import { test } from "node:test";
import { isSourceUri, parseSourceUri } from "./source-uri.ts";

test("each scheme has its form", () => {
  const cases: readonly (readonly [string, object])[] = [
    ["oci://r.example.org/team/digits:v1", { scheme: "oci", reference: "r.example.org/team/digits:v1" }],
    ["oci:r.example.org/a", { scheme: "oci", reference: "r.example.org/a" }],
    ["file:./digits", { scheme: "file", path: "./digits" }],
    ["file:///srv/digits", { scheme: "file", path: "/srv/digits" }],
    ["s3://models/digits/v1/", { scheme: "s3", bucket: "models", prefix: "digits/v1" }],
    ["s3://models", { scheme: "s3", bucket: "models", prefix: "" }],
    ["hf://team/digits", { scheme: "hf", repository: "team/digits", revision: "main", folder: "" }],
    ["hf:team/digits@v1.0/onnx/int8/", { scheme: "hf", repository: "team/digits", revision: "v1.0", folder: "onnx/int8" }],
    ["mlflow:digits/3", { scheme: "mlflow", model: "digits", version: "3" }],
    ["mlflow:digits@champion", { scheme: "mlflow", model: "digits", alias: "champion" }],
  ];
  for (const [text, expected] of cases) {
    assert.ok(isSourceUri(text), text);
    assert.deepEqual(parseSourceUri(text), expected, text);
  }
  assert.equal(parseSourceUri("https://h.example/m/model.onnx?x=1").scheme, "https");
  assert.equal(parseSourceUri("http://127.0.0.1:8080/model.onnx").scheme, "https");
  for (const path of ["./v1", "/srv/models", "v1", "C:\\models"]) assert.ok(!isSourceUri(path), path);
});

test("everything else is refused, with the form that was expected", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["ftp://h/model.onnx", /expected oci:/],
    ["https://", /expected https:/],
    ["http://h.example/model.onnx", /not HTTPS/],
    ["https://ada:secret@h.example/model.onnx", /no user and password/],
    ["s3://UPPER/x", /expected s3:/],
    ["s3://", /expected s3:/],
    ["hf://team", /expected hf:/],
    ["hf://team/../x@main", /expected hf:/],
    ["hf://team/digits/../../x", /expected hf:/],
    ["hf://team/digits@a b", /expected hf:/],
    ["mlflow:digits", /expected mlflow:/],
    ["mlflow:digits/latest", /expected mlflow:/],
    ["file:", /expected file:/],
    ["oci:", /expected oci:/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseSourceUri(text),
      (error: Error & { code: string }) => {
        assert.equal(error.code, "invalid");
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
      text,
    );
  }
});
