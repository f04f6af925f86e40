import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseChallenges } from "./challenge.ts";

test("challenges as registries send them", () => {
  const bearer = 'Bearer realm="https://auth.example.org/token",service="registry.example.org",scope="repository:a/b:pull,push"';
  const parameters = {
    realm: "https://auth.example.org/token",
    service: "registry.example.org",
    scope: "repository:a/b:pull,push",
  };
  assert.deepEqual(parseChallenges(bearer), [{ scheme: "bearer", parameters }]);
  assert.deepEqual(parseChallenges('Basic realm="a \\"quoted\\" place"'), [
    { scheme: "basic", parameters: { realm: 'a "quoted" place' } },
  ]);
  assert.deepEqual(parseChallenges(`BASIC realm=x, ${bearer}`), [
    { scheme: "basic", parameters: { realm: "x" } },
    { scheme: "bearer", parameters },
  ]);
  assert.deepEqual(parseChallenges("Negotiate, Basic"), [
    { scheme: "negotiate", parameters: {} },
    { scheme: "basic", parameters: {} },
  ]);
});

test("any header is read to some end", () => {
  for (const header of ["", ",", '"', 'Bearer realm="', "=", "Bearer ="]) assert.ok(Array.isArray(parseChallenges(header)));
  fc.assert(fc.property(fc.string(), (header) => Array.isArray(parseChallenges(header))));
});
