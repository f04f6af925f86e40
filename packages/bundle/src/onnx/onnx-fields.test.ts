import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { onnxFields } from "./onnx-fields.ts";

/** Field numbers of every message of a proto file, by dotted message name. */
function fieldsOf(proto: string): Map<string, Map<string, number>> {
  const messages = new Map<string, Map<string, number>>();
  const open: string[] = [];
  for (const line of proto.replace(/\/\/.*$/gm, "").split("\n")) {
    const block = /^\s*(message|enum|oneof)\s+(\w+)\s*\{/.exec(line);
    if (block !== null) open.push(block[1] === "message" ? block[2]! : "");
    const field = /^\s*(?:optional |repeated )?[\w.]+\s+(\w+)\s*=\s*(\d+)\s*(?:\[.*\])?;/.exec(line);
    if (field !== null) {
      const name = open.filter((part) => part !== "").join(".");
      messages.set(name, (messages.get(name) ?? new Map()).set(field[1]!, Number(field[2])));
    }
    if (/^\s*\}/.test(line)) open.pop();
  }
  return messages;
}

test("the field numbers are those of onnx.proto", async () => {
  const schema = fieldsOf(await readFile(join(import.meta.dirname, "schema/onnx.proto"), "utf8"));
  for (const [message, fields] of Object.entries(onnxFields)) {
    for (const [field, number] of Object.entries(fields)) {
      assert.equal(schema.get(message)?.get(field), number, `${message}.${field}`);
    }
  }
});
