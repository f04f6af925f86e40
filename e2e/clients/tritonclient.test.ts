// NVIDIA's tritonclient, as its users have it, at both doors.
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../harness/platform.ts";
import { pythonEnvironment, pythonMissing } from "../python/python-environment.ts";
import { Doors } from "./doors.ts";
import { runChecks } from "./run-checks.ts";

describe("tritonclient", { skip: pythonMissing() ?? false }, () => {
  let doors: Doors;
  let python: string;
  before(async () => {
    python = await pythonEnvironment(join(root, "e2e", "python", "tritonclient.lock"));
    doors = await Doors.open();
  });
  after(() => doors.close());

  for (const name of ["serve", "gateway"] as const) {
    test(`HTTP at ${name}`, (t) => {
      const { address, model, declared } = doors[name];
      return runChecks(t, python, "triton_http.py", address, model, ...(declared ? ["declared"] : []));
    });

    test(`gRPC at ${name}`, (t) => {
      const { address, model, declared } = doors[name];
      return runChecks(t, python, "triton_grpc.py", address, model, ...(declared ? ["declared"] : []));
    });
  }
});
