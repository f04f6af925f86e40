import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { silentLog, systemClock } from "@slipway/base";
import { datatypes, inferParameterNames, offeredExtensions } from "@slipway/protocol";
import { fixtureBundle } from "../../fixtures/start-fixture.ts";
import { openLoadableModel, startReplica } from "../index.ts";
import { oipRoutes } from "./http-listener.ts";

const document = readFileSync(join(import.meta.dirname, "../../../../docs/inference.md"), "utf8");

function section(heading: string): string {
  return document.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? assert.fail(`no section ${heading}`);
}

/** What the first cells of a table's rows name. */
function firstCells(text: string): string[] {
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => [...row.split(" | ")[0]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));
}

it("docs/inference.md lists the routes of slipway serve, and no others", async (t) => {
  const bundle = await fixtureBundle(t, "identity-fp32");
  const names = { namespace: "default", model: "m", revision: "m-1" };
  const start = () => startReplica({ ...bundle, ...names, clock: systemClock, log: silentLog });
  const model = await openLoadableModel({ start, log: silentLog });
  t.after(() => model.close());
  const routes = oipRoutes(model, { port: 0, version: "1", clock: systemClock, log: silentLog })
    .filter(({ path }) => path.startsWith("/v2"))
    .map(({ method, path }) => `${method} ${path.replace(":model", "NAME").replace(":revision", "VERSION")}`);
  assert.deepEqual(firstCells(section("Requests")).toSorted(), routes.toSorted());
});

it("docs/inference.md lists every parameter, datatype and extension, and no others", () => {
  assert.deepEqual(firstCells(section("Parameters")).toSorted(), [...inferParameterNames.known].toSorted());
  for (const name of inferParameterNames.unsupported) assert.ok(section("Parameters").includes(`\`${name}\``), name);
  assert.deepEqual(firstCells(section("Tensors")).toSorted(), Object.keys(datatypes).toSorted());
  const [, extensions = ""] = /offered: (.*)\.\n/.exec(section("Requests")) ?? [];
  assert.deepEqual(
    [...extensions.matchAll(/`([^`]+)`/g)].map((match) => match[1]),
    offeredExtensions(true),
  );
});
