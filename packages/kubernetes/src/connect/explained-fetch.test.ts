import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@slipway/base";
import { createClient, type Fetch, type FetchResponse } from "@slipway/client";
import { explainedFetch } from "./explained-fetch.ts";

function clientOf(answer: () => Response) {
  const fetch: Fetch = async () => answer() as FetchResponse;
  return createClient({ baseUrl: "https://api.example", fetch: explainedFetch(fetch, "prod"), clock: systemClock });
}

const status = (code: number, reason: string, message: string) => () =>
  Response.json({ kind: "Status", status: "Failure", code, reason, message }, { status: code });

test("a cluster without Slipway is told from an object that is not there", async () => {
  const key = { namespace: "default", name: "digits" };
  const bare = clientOf(() => new Response("404 page not found\n", { status: 404 }));
  await assert.rejects(bare.get("Model", key), { code: "notFound", message: /not installed in the cluster of context prod/ });
  const absent = clientOf(status(404, "NotFound", 'models.slipway.dev "digits" not found'));
  await assert.rejects(absent.get("Model", key), { code: "notFound", message: 'models.slipway.dev "digits" not found' });
});

test("a right that is missing is named, with the one to ask for", async () => {
  const text = 'models.slipway.dev is forbidden: User "ada" cannot list resource "models"';
  await assert.rejects(clientOf(status(403, "Forbidden", text)).list("Model"), {
    code: "forbidden",
    message: `${text}.`,
    hint: /RoleBinding to the ClusterRole edit/,
  });
  await assert.rejects(clientOf(status(403, "Forbidden", text)).list("Secret"), { hint: /Ask an administrator/ });
});
