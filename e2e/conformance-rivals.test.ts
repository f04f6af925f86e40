// The conformance suite against ourselves and two rivals: what each passes, document by document.
import assert from "node:assert/strict";
import { test } from "node:test";
import { allCases } from "./conformance/all-cases.ts";
import { GrpcClient } from "./conformance/grpc-client.ts";
import { Rival } from "./conformance/rivals/rival.ts";
import { countsOf, type Result, runCases } from "./conformance/run-cases.ts";
import { Target } from "./conformance/target.ts";
import { fullLength } from "./harness/length.ts";
import { fixtureModel, ServedModel } from "./harness/served-model.ts";
import { pythonMissing } from "./python/python-environment.ts";

const skip = fullLength
  ? (pythonMissing() ?? false)
  : "what rivals pass changes with their versions only; `npm run proof -- conformance-rivals` tells";

test("what Slipway and its rivals pass", { skip }, async (t) => {
  const served = await ServedModel.start(fixtureModel("every-type"));
  const results = new Map<string, readonly Result[]>();
  const address = new URL(served.url).host;
  results.set("Slipway", await resultsOf(served.url, address, served.model).finally(() => served.stop()));
  for (const [title, name] of [
    ["KServe 0.21", "kserve"],
    ["MLServer 1.7", "mlserver"],
  ] as const) {
    const rival = await Rival.start(name);
    results.set(title, await resultsOf(rival.url, rival.grpc, "every-type").finally(() => rival.stop()));
  }

  for (const line of table(results)) t.diagnostic(line);
  for (const [server, all] of results) {
    t.diagnostic("");
    t.diagnostic(`${server}: ${countsOf(all)}`);
    for (const { id, title, why } of all.filter(({ verdict }) => verdict === "FAIL"))
      t.diagnostic(`  FAIL ${id}: ${title}: ${why}`);
    const reasons = Map.groupBy(
      all.filter(({ verdict }) => verdict === "n/a"),
      ({ why }) => why!,
    );
    for (const [why, cases] of reasons) t.diagnostic(`  n/a ${cases.length}: ${why}`);
  }

  assert.equal(results.get("Slipway")!.filter(({ verdict }) => verdict !== "pass").length, 0, "we pass every case");
  for (const [server, all] of results) {
    // A rival that fails even this was not started rightly, and the table would be unfair.
    const health = all.filter(({ id }) =>
      ["rest-live", "rest-ready", "rest-model-ready", "rest-fp32", "grpc-live", "grpc-fp32-raw"].includes(id),
    );
    assert.deepEqual(new Set(health.map(({ verdict }) => verdict)), new Set(["pass"]), server);
  }
});

async function resultsOf(url: string, grpc: string, model: string): Promise<Result[]> {
  const target = new Target({ url: new URL(url), model, grpc: new GrpcClient(grpc) });
  await target.prepare();
  return runCases(target, allCases).finally(() => target.close());
}

/** A row a document: passed of those that apply, for each server. */
function table(results: ReadonlyMap<string, readonly Result[]>): string[] {
  const documents = [
    ...new Set(allCases.map(({ clause, part }) => `${part === "mandatory" ? "" : "optional: "}${clause.split(":")[0]}`)),
  ];
  const width = Math.max(...documents.map((document) => document.length));
  const row = (first: string, cells: readonly string[]) =>
    [first.padEnd(width), ...cells.map((cell) => cell.padStart(14))].join("  ");
  return [
    row("passed / applicable", [...results.keys()]),
    ...documents.map((document) =>
      row(
        document,
        [...results.values()].map((all) => {
          const own = all.filter(
            ({ clause, part }) => `${part === "mandatory" ? "" : "optional: "}${clause.split(":")[0]}` === document,
          );
          const applicable = own.filter(({ verdict }) => verdict !== "n/a");
          return applicable.length === 0
            ? "n/a"
            : `${own.filter(({ verdict }) => verdict === "pass").length}/${applicable.length}`;
        }),
      ),
    ),
  ];
}
