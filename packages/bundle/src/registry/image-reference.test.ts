import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ImageReference, parseReference, referenceText } from "./image-reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}` as const;

test("a reference is a registry, a name, and at most a tag and a digest", () => {
  const cases: readonly (readonly [string, ImageReference])[] = [
    ["registry.example.org/team/digits", { registry: "registry.example.org", name: "team/digits" }],
    ["localhost/digits:v1", { registry: "localhost", name: "digits", tag: "v1" }],
    ["127.0.0.1:5000/a/b__c/d-e:V.1_2", { registry: "127.0.0.1:5000", name: "a/b__c/d-e", tag: "V.1_2" }],
    ["[::1]:5000/x", { registry: "[::1]:5000", name: "x" }],
    [`h.io:65535/x@${digest}`, { registry: "h.io:65535", name: "x", digest }],
    [`h.io/x:1@${digest}`, { registry: "h.io", name: "x", tag: "1", digest }],
  ];
  for (const [text, reference] of cases) {
    assert.deepEqual(parseReference(text), reference);
    assert.equal(referenceText(reference), text);
  }
});

test("everything else is refused with what is wrong", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /host/],
    ["digits", /no host/],
    ["digits:v1", /no host|host/],
    ["library/digits", /no host/],
    ["http://h.io/x", /host/],
    ["h.io", /name/],
    ["h.io/", /name/],
    ["h.io:5000", /name/],
    ["h.io:0/x", /host/],
    ["h.io:99999/x", /host/],
    ["h.io/X", /lower-case/],
    ["h.io/a//b", /lower-case/],
    ["h.io/../x", /lower-case/],
    ["h.io/a%2fb", /lower-case/],
    ["user@h.io/x", /digest/],
    ["h.io/x:", /tag/],
    [`h.io/x:${"a".repeat(129)}`, /tag/],
    ["h.io/x:a b", /tag/],
    ["h.io/x@sha256:../../etc/x", /digest/],
    [`h.io/x@${digest.toUpperCase()}`, /digest/],
    [`h.io/x@${digest}0`, /digest/],
    ["h.io/x@sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", /digest/],
    ["h.io/x@md5:d41d8cd98f00b204e9800998ecf8427e", /digest/],
    [`h.io/x@${digest}@${digest}`, /more than one @/],
    [`h.io/${"a".repeat(600)}`, /512/],
    ["h.io/x\n", /lower-case/],
    [" h.io/x", /host/],
  ];
  for (const [text, why] of cases)
    assert.throws(() => parseReference(text), { code: "invalid", message: why }, JSON.stringify(text));
});

test("any text is read or refused, never anything else", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (text) => {
      let reference: ImageReference;
      try {
        reference = parseReference(text);
      } catch (caught) {
        assert.equal((caught as { code: string }).code, "invalid");
        return;
      }
      assert.equal(referenceText(reference), text);
    }),
  );
});
