import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { modelSpecs } from "../testing/model-specs.ts";
import { modelOf, revisionOf } from "../testing/resources.ts";
import { secretVariables, secretVolumes } from "./secret-volumes.ts";

test("a variable is a reference to one key; without a key, to that of its own name", () => {
  const variables = secretVariables([
    { name: "database", key: "password", env: "DATABASE_PASSWORD" },
    { name: "hub", env: "HUB_TOKEN" },
    { name: "hub", file: "/run/secrets/token" },
  ]);
  assert.deepEqual(variables, [
    { name: "DATABASE_PASSWORD", valueFrom: { secretKeyRef: { name: "database", key: "password" } } },
    { name: "HUB_TOKEN", valueFrom: { secretKeyRef: { name: "hub", key: "HUB_TOKEN" } } },
  ]);
});

test("files of one directory share a volume, and so do those of a directory in it", () => {
  const volumes = secretVolumes([
    { name: "hub", key: "value", file: "/run/secrets/token" },
    { name: "tls", file: "/run/secrets/tls/tls.key" },
    { name: "env", env: "A" },
    { name: "other", file: "/run/secrets-of-another/token" },
  ]);
  assert.deepEqual(volumes, [
    {
      mount: { name: "secrets-0", mountPath: "/run/secrets", readOnly: true },
      volume: {
        name: "secrets-0",
        projected: {
          defaultMode: 0o440,
          sources: [
            { secret: { name: "hub", items: [{ key: "value", path: "token" }] } },
            { secret: { name: "tls", items: [{ key: "tls.key", path: "tls/tls.key" }] } },
          ],
        },
      },
    },
    {
      mount: { name: "secrets-1", mountPath: "/run/secrets-of-another", readOnly: true },
      volume: {
        name: "secrets-1",
        projected: { defaultMode: 0o440, sources: [{ secret: { name: "other", items: [{ key: "token", path: "token" }] } }] },
      },
    },
  ]);
});

test("every file is where it was asked for, once, and no volume is in another", () => {
  fc.assert(
    fc.property(modelSpecs, (spec) => {
      const { secrets = [] } = revisionOf(modelOf(spec)).spec;
      const volumes = secretVolumes(secrets);
      const paths = volumes.flatMap(({ mount, volume }) =>
        volume.projected.sources.flatMap(({ secret }) => secret.items.map(({ path }) => `${mount.mountPath}/${path}`)),
      );
      assert.deepEqual(paths.sort(), secrets.flatMap(({ file = [] }) => file).sort());
      const places = volumes.map(({ mount }) => mount.mountPath);
      assert.ok(places.every((one) => places.every((other) => one === other || !one.startsWith(`${other}/`))));
    }),
  );
});
