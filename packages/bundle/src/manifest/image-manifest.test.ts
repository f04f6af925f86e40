import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDigest } from "./digest.ts";
import { decodeImageManifest, encodeImageManifest } from "./image-manifest.ts";

const blob = (digit: string, size = 10) => ({ digest: parseDigest(`sha256:${digit.repeat(64)}`), size });
const manifest = { config: blob("a"), layers: [blob("b"), blob("c")] };

/** The manifest with the value at `path` replaced; undefined takes it away. */
function changed(path: readonly (string | number)[], value: unknown): Buffer {
  const document: unknown = JSON.parse(encodeImageManifest(manifest).toString());
  const parent = path.slice(0, -1).reduce((place, key) => Reflect.get(place as object, key) as unknown, document);
  Reflect.set(parent as object, path.at(-1)!, value);
  return Buffer.from(JSON.stringify(document));
}

test("what is encoded is decoded", () => {
  assert.deepEqual(decodeImageManifest(encodeImageManifest(manifest)), manifest);
});

test("anything else is refused with the place", () => {
  const changes: readonly (readonly [RegExp, (string | number)[], unknown])[] = [
    [/manifest\.schemaVersion/, ["schemaVersion"], 1],
    [/manifest\.mediaType/, ["mediaType"], "application/vnd.oci.image.index.v1+json"],
    [/manifest\.artifactType is missing/, ["artifactType"], undefined],
    [/layers\[1\]\.mediaType/, ["layers", 1, "mediaType"], "application/vnd.oci.image.layer.v1.tar+gzip"],
    [/does not know/, ["layers", 0, "urls"], ["https://example.org/layer"]],
    [/does not know/, ["subject"], { digest: manifest.config.digest }],
    [/more than 100/, ["layers"], Array.from({ length: 10_000 }, () => ({}))],
    [/layers\[0\]\.digest/, ["layers", 0, "digest"], "sha256:../../etc/x"],
    [/config\.size/, ["config", "size"], 2 ** 40],
    ...[-1, 1.5, "1", null, 2 ** 60].map(
      (size) => [/layers\[0\]\.size/, ["layers", 0, "size"], size] as [RegExp, (string | number)[], unknown],
    ),
    [/layers is not a list/, ["layers"], {}],
    [/config is missing/, ["config"], undefined],
    [/config\.mediaType is missing/, ["config"], []],
  ];
  for (const [message, path, value] of changes) {
    assert.throws(() => decodeImageManifest(changed(path, value)), { code: "invalid", message });
  }
});

test("other forms of the same document are refused: there is one encoding, so there is one digest", () => {
  const bytes = encodeImageManifest(manifest);
  for (const form of [
    `${bytes} `,
    ` ${bytes}`,
    `\ufeff${bytes}`,
    bytes.toString().replace("2", "2.0"),
    "",
    "{",
    "null",
    "[]",
    "7",
  ]) {
    assert.throws(() => decodeImageManifest(Buffer.from(form)), { code: "invalid" });
  }
});
