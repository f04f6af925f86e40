import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultName } from "./default-name.ts";

test("defaultName() keeps plain names and makes others plain", () => {
  const names = {
    "/models/digits-v1.2_b": "digits-v1.2_b",
    "/models/my model (copy)": "my-model-copy",
    "/models/größe": "gr-e",
    "/models/.hidden": "hidden",
    "/models/模型": undefined,
    "/": undefined,
    [`/${"a".repeat(255)}`]: "a".repeat(253),
  };
  for (const [directory, name] of Object.entries(names)) assert.equal(defaultName(directory), name, directory);
});
