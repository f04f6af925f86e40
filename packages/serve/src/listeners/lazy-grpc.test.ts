import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { fixture } from "../../fixtures/start-fixture.ts";

interface Seen {
  readonly status: number;
  readonly modules: readonly string[];
}

test("a server that nobody speaks gRPC to has not loaded it", async () => {
  const script = join(import.meta.dirname, "testing", "lazy-grpc.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, dirname(fixture("identity-fp32"))]);
  const { before, after } = JSON.parse(stdout) as { before: Seen; after: Seen };
  const lazy = ["grpc-sessions.ts", "server-call.ts", "grpc-protocol.ts", "proto-files.ts", "parse-grpc-request.ts", "light.js"];
  assert.equal(before.status, 200);
  assert.ok(before.modules.includes("serve-frames.ts"), "the list is of what was loaded");
  assert.deepEqual(
    before.modules.filter((module) => lazy.includes(module) || module.includes("protobuf")),
    [],
  );
  assert.deepEqual(
    lazy.filter((module) => !after.modules.includes(module)),
    [],
  );
});
