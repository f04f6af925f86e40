// KServe's Python inference client, at both doors.
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../harness/platform.ts";
import { pythonEnvironment, pythonMissing } from "../python/python-environment.ts";
import { Doors } from "./doors.ts";
import { runChecks } from "./run-checks.ts";

describe("KServe's client", { skip: pythonMissing() ?? false }, () => {
  let doors: Doors;
  let python: string;
  before(async () => {
    python = await pythonEnvironment(join(root, "e2e", "python", "kserve.lock"));
    doors = await Doors.open();
  });
  after(() => doors.close());

  for (const name of ["serve", "gateway"] as const) {
    test(`REST at ${name}`, (t) => {
      const { url, model } = doors[name];
      return runChecks(t, python, "kserve_rest.py", url, model);
    });

    test(`gRPC at ${name}`, (t) => {
      const { address, model } = doors[name];
      return runChecks(t, python, "kserve_grpc.py", address, model);
    });
  }
});
