import assert from "node:assert/strict";
import { it } from "node:test";
import { silentLog, systemClock } from "@slipway/base";
import { startFixture } from "../../fixtures/start-fixture.ts";
import { serveHttp } from "../index.ts";
import { jsonTexts } from "./testing/json-texts.ts";

it("B1 to B5 the infer route takes JSON and nothing that is like it, and answers the next good request after each", async (t) => {
  const replica = await startFixture(t, "identity-fp32");
  const server = await serveHttp(replica, { port: 0, version: "1", clock: systemClock, log: silentLog });
  t.after(() => server.close({ drainMs: 0 }));
  assert.ok("url" in server.address);
  const infer = `${server.address.url}/v2/models/m/infer`;
  const send = async (body: string | Uint8Array) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(infer, { method: "POST", headers, body: Buffer.from(body as string) });
    return { status: answer.status, text: await answer.text() };
  };
  const good = '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}';
  assert.ok(jsonTexts.length >= 120, `${jsonTexts.length} texts`);
  assert.equal(new Set(jsonTexts.map(({ name }) => name)).size, jsonTexts.length);
  for (const { name, text, accepted } of jsonTexts) {
    const answer = await send(text);
    const body = JSON.parse(answer.text) as Record<string, unknown>;
    if (accepted === undefined) {
      assert.deepEqual([name, answer.status], [name, 400]);
      assert.deepEqual(Object.keys(body), ["error"]);
      assert.ok(answer.text.length < 1_000, name);
      assert.doesNotMatch(answer.text, /node_modules|\.ts|at JSON/);
    } else {
      assert.deepEqual([name, answer.status, answer.text.slice(0, answer.status === 200 ? 0 : 500)], [name, 200, ""]);
      const [output] = body.outputs as { data: number[] }[];
      if (accepted.data !== undefined) assert.deepStrictEqual([name, output!.data], [name, accepted.data]);
      if (accepted.id !== undefined) assert.equal(body.id, accepted.id);
    }
    assert.equal((await send(good)).status, 200, name);
  }
  assert.equal(({} as { inputs?: unknown }).inputs, undefined);
});
