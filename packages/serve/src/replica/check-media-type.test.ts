import assert from "node:assert/strict";
import { it } from "node:test";
import { checkMediaType } from "./check-media-type.ts";

for (const headers of [
  {},
  { "content-type": "application/json" },
  { "content-type": "Application/JSON; charset=UTF-8" },
  { "content-type": 'application/json;profile=x;charset="utf-8"' },
  { "inference-header-content-length": "12" },
  { "content-type": "application/json", "inference-header-content-length": "12" },
  { "content-type": "application/octet-stream", "inference-header-content-length": "12" },
]) {
  it(`checkMediaType() takes ${JSON.stringify(headers)}`, () => checkMediaType(headers));
}

for (const headers of [
  { "content-type": "application/x-www-form-urlencoded" },
  { "content-type": "text/plain" },
  { "content-type": "multipart/form-data; boundary=x" },
  { "content-type": "application/octet-stream" },
  { "content-type": "application/jsonp" },
  { "content-type": "" },
  { "content-type": "application/json; charset=utf-16" },
  { "content-type": "application/octet-streams", "inference-header-content-length": "12" },
]) {
  it(`checkMediaType() refuses ${JSON.stringify(headers)}`, () => {
    assert.throws(() => checkMediaType(headers), { code: "unsupportedMediaType" });
  });
}
