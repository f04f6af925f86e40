// REST and gRPC over TLS on one port of `slipway serve`, by curl, grpcurl and tritonclient.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import { issueLoopbackCertificate } from "@slipway/http";
import { Target } from "../conformance/target.ts";
import { root, run } from "../harness/platform.ts";
import { ScratchFolder } from "../harness/scratch-folder.ts";
import { fixtureModel, ServedModel } from "../harness/served-model.ts";
import { judge, judgesMissing } from "../kubernetes/judges/judge-binaries.ts";
import { pythonEnvironment, pythonMissing } from "../python/python-environment.ts";
import { runChecks } from "./run-checks.ts";

describe("slipway serve over TLS", () => {
  let served: ServedModel;
  let scratch: ScratchFolder;
  let authority: string;
  before(async () => {
    scratch = await ScratchFolder.create();
    const { ca, cert, key } = await issueLoopbackCertificate({ now: systemClock.now() });
    const paths = {
      authority: join(scratch.path, "ca.crt"),
      cert: join(scratch.path, "server.crt"),
      key: join(scratch.path, "server.key"),
    };
    await writeFile(paths.authority, ca);
    await writeFile(paths.cert, cert);
    await writeFile(paths.key, key, { mode: 0o600 });
    authority = paths.authority;
    served = await ServedModel.start(fixtureModel("every-type"), { flags: ["--tls-cert", paths.cert, "--tls-key", paths.key] });
  });
  after(async () => {
    await served.stop();
    await scratch.remove();
  });

  test("curl, HTTP/1.1", async () => {
    const body = new Target({ url: new URL(served.url), model: served.model }).request({ outputs: ["int32_out"] });
    const { code, stdout, stderr } = await run("curl", [
      "-sS",
      "--http1.1",
      "--cacert",
      authority,
      `${served.modelUrl}/infer`,
      "--json",
      body,
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout).outputs[0].data, [-1, 2]);
  });

  test("curl without the authority does not trust it", async () => {
    assert.equal((await run("curl", ["-sS", `${served.url}/v2/health/live`])).code, 60);
  });

  test("grpcurl", { skip: judgesMissing("grpcurl") ?? false }, async () => {
    const address = new URL(served.url).host;
    const { code, stdout, stderr } = await run(await judge("grpcurl"), ["-cacert", authority, address, "list"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /inference\.GRPCInferenceService/);
  });

  test("tritonclient over gRPC", { skip: pythonMissing() ?? false }, async (t) => {
    const python = await pythonEnvironment(join(root, "e2e", "python", "tritonclient.lock"));
    await runChecks(t, python, "triton_grpc.py", new URL(served.url).host, served.model, `tls=${authority}`);
  });
});
