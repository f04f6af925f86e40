import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, VirtualClock } from "@slipway/base";
import type { FetchResponse } from "@slipway/client";
import { RestClient } from "../rest/rest-client.ts";
import { modelOf } from "../testing/resources.ts";
import type { InstallationAuthority } from "./installation-authority.ts";
import { ModelCertificates } from "./model-certificates.ts";

test("that a namespace is not open is logged once, however many Models are in it", async () => {
  const clock = new VirtualClock();
  const lines: { message: string; model: { namespace: string } }[] = [];
  const log = createLog({ write: (line) => lines.push(JSON.parse(line)), clock });
  const asked: string[] = [];
  const status = { kind: "Status", code: 403, reason: "Forbidden", message: "no" };
  const rest = new RestClient({
    baseUrl: "https://api.example",
    fetch: async (url) => {
      asked.push(url);
      return Response.json(status, { status: 403 }) as FetchResponse;
    },
  });
  const models = ["a", "b", "c"].flatMap((name) =>
    ["one", "two"].map((namespace) => modelOf({}, { name, namespace, uid: `${namespace}-${name}` })),
  );
  const authority = {} as InstallationAuthority;
  const stop = new AbortController();
  const running = new ModelCertificates({ rest, clock, log, authority, models: () => models }).run(stop.signal);
  // Two rounds.
  for (let passed = 0; passed < 2 * models.length + 2; passed++)
    await clock.advance(passed === models.length ? 6 * 3_600_000 : 30);
  stop.abort();
  await clock.advance(1);
  await running;
  assert.ok(asked.length >= 2 * models.length, `${asked.length} Secrets were looked at`);
  assert.deepEqual(
    lines.map(({ model }) => model.namespace),
    ["one", "two"],
  );
});
