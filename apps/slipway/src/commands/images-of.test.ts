import assert from "node:assert/strict";
import { test } from "node:test";
import { imagesOf } from "./images-of.ts";

test("one Model needs no name, several do, and each has one image", () => {
  assert.deepEqual([...imagesOf(["a"], ["r/a@x"])], [["a", "r/a@x"]]);
  assert.deepEqual(
    [...imagesOf(["a", "b"], ["b=r/b@x", "a=r/a@x"])],
    [
      ["b", "r/b@x"],
      ["a", "r/a@x"],
    ],
  );
  const refused = (models: string[], flags: string[], message: RegExp) =>
    assert.throws(() => imagesOf(models, flags), { code: "usage", message });
  refused(["a", "b"], ["r/a@x"], /does not say of which Model; there are 2/);
  refused(["a"], ["b=r/b@x"], /names "b", which is no Model of the manifests that has none/);
  refused(["a"], ["r/a@x", "a=r/a@y"], /Two images are given for Model a/);
  refused(["a", "b"], ["a=r/a@x"], /No image is given for b/);
});
