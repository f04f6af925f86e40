import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchInit, FetchResponse } from "../transport/transport.ts";
import { createInference, modelPath } from "./inference.ts";

function answering(status: number, text: string, headers: Record<string, string> = {}) {
  const asked: { url: string; init: FetchInit }[] = [];
  const fetch = async (url: string, init: FetchInit): Promise<FetchResponse> => {
    asked.push({ url, init });
    return new Response(text, { status, headers });
  };
  return { asked, inference: createInference({ baseUrl: "http://127.0.0.1:7878", fetch }) };
}

test("modelPath puts the default namespace at the top, any other before it, and a revision behind", () => {
  assert.equal(modelPath({ model: "digits" }), "/v2/models/digits");
  assert.equal(modelPath({ namespace: "default", model: "digits", revision: "digits-1" }), "/v2/models/digits/versions/digits-1");
  assert.equal(modelPath({ namespace: "lab", model: "a/b" }), "/namespaces/lab/v2/models/a%2Fb");
});

test("predict sends the body as it is and gives the answer as it came", async () => {
  const { asked, inference } = answering(200, '{"outputs":[{"data":[0.10000000149011612]}]}');
  assert.equal(await inference.predict({ model: "digits" }, '{"inputs":[]}'), '{"outputs":[{"data":[0.10000000149011612]}]}');
  assert.equal(asked[0]?.url, "http://127.0.0.1:7878/v2/models/digits/infer");
  assert.equal(asked[0]?.init.body, '{"inputs":[]}');
});

test("predict throws what the gateway says, with the code of its status", async () => {
  const body = JSON.stringify({ error: 'Input "x" is missing.', hint: "Send it." });
  await assert.rejects(answering(400, body).inference.predict({ model: "digits" }, "{}"), {
    code: "badRequest",
    message: 'Input "x" is missing.',
    hint: "Send it.",
  });
  await assert.rejects(
    answering(503, '{"error":"starting"}', { "retry-after": "2" }).inference.predict({ model: "digits" }, "{}"),
    {
      code: "unavailable",
      retryAfter: 2,
    },
  );
  await assert.rejects(answering(502, "<html>").inference.predict({ model: "digits" }, "{}"), {
    code: "internal",
    message: /502/,
  });
});

test("ready is the status of the model's ready route", async () => {
  assert.equal(await answering(200, "").inference.ready({ model: "digits" }), true);
  const { asked, inference } = answering(503, "");
  assert.equal(await inference.ready({ model: "digits", namespace: "lab" }), false);
  assert.equal(asked[0]?.url, "http://127.0.0.1:7878/namespaces/lab/v2/models/digits/ready");
});
