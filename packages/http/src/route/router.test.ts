import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import type { Route } from "./route.ts";
import { MethodNotAllowed, Router } from "./router.ts";

const route = (method: Route["method"], path: string): Route => ({
  method,
  path,
  access: { type: "open" },
  limits: { bodyBytes: 0, bodyMs: 1 },
  handler: () => {},
});

const router = new Router([
  route("GET", "/v2"),
  route("GET", "/v2/models/:name"),
  route("POST", "/v2/models/:name/infer"),
  route("GET", "/api/v1/namespaces/:namespace"),
  route("GET", "/api/v1/namespaces/:namespace/secrets"),
  route("GET", "/api/v1/:plural/:name/secrets"),
  route("GET", "/api/v1/namespaces/special"),
]);

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return SlipwayError.from(error).code;
  }
  return "none";
};

test("Router finds literals before parameters and decodes parameters", () => {
  assert.equal(router.match("GET", "/v2").route.path, "/v2");
  assert.deepEqual(router.match("POST", "/v2/models/a%2Eb/infer").params, { name: "a.b" });
  assert.equal(router.match("GET", "/api/v1/namespaces/special").route.path, "/api/v1/namespaces/special");
  assert.deepEqual(router.match("GET", "/api/v1/namespaces/special/secrets").params, { namespace: "special" });
  assert.deepEqual(router.match("GET", "/api/v1/other/x/secrets").params, { plural: "other", name: "x" });
});

test("Router answers HEAD with the GET route and names the methods it has", () => {
  assert.equal(router.match("HEAD", "/v2").route.method, "GET");
  assert.equal(
    codeOf(() => router.match("HEAD", "/v2/models/a/infer")),
    "methodNotAllowed",
  );
  assert.throws(
    () => router.match("TRACE", "/v2"),
    (error: unknown) => error instanceof MethodNotAllowed && error.allow === "GET, HEAD",
  );
});

test("Router knows nothing of empty segments, trailing slashes and unknown paths", () => {
  for (const path of ["/", "/v2/", "//v2", "/v2//models", "/v2/models//infer", "/v2/models/", "/V2", "/nope", ""]) {
    assert.equal(
      codeOf(() => router.match("GET", path)),
      "notFound",
      path,
    );
  }
});

test("Router refuses bad encodings, encoded slashes and control characters", () => {
  for (const name of ["%", "%2", "%zz", "%ff", "%c3%28", "a%2fb", "a%00", "a%0a", "%2e%2e%2f"]) {
    assert.equal(
      codeOf(() => router.match("GET", `/v2/models/${name}`)),
      "badRequest",
      name,
    );
  }
});

test("Router returns any name it was given, encoded", () => {
  const name = fc
    .string({ minLength: 1, unit: "grapheme" })
    .filter((text) => ![...text].some((char) => char < " " || char === "/" || char === "\u007f"));
  fc.assert(
    fc.property(name, (text) => {
      assert.equal(router.match("GET", `/v2/models/${encodeURIComponent(text)}`).params.name, text);
    }),
  );
});

test("Router refuses the same route twice", () => {
  assert.throws(() => new Router([route("GET", "/a/:x"), route("GET", "/a/:y")]), /Two routes/);
});
