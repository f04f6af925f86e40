import { aborted, systemClock } from "@slipway/base";
import { BundleStore, parseDigest } from "@slipway/bundle";
import { TlsFiles } from "@slipway/http";
import { openHome, type RuntimeLocation } from "@slipway/local";
import { openLoadableModel, ReplicaMetrics, serveHttp, startReplica } from "@slipway/serve";
import packageJson from "../../package.json" with { type: "json" };
import type { Platform } from "../commands/platform.ts";
import { storedContract, storedSignatures } from "../trust/carry-known.ts";
import { demandEnvironment } from "../trust/demand-environment.ts";
import { demandTrusted, storedJudge } from "../trust/stored-policy.ts";
import { runtimesFolder } from "./runtimes-folder.ts";
import { supervisorLog } from "./supervisor-log.ts";

/** {@link Platform.serve}: one replica of a bundle with its own listener, in this process. */
export async function serveBundle(
  location: RuntimeLocation,
  ...[{ home, bundle, port, parameters, tls }, ready, signal]: Parameters<Platform["serve"]>
): Promise<void> {
  const clock = systemClock;
  const log = supervisorLog(clock, (line) => process.stderr.write(line), "warn");
  const certificate = tls === undefined ? undefined : await TlsFiles.pair(tls, { clock, log });
  try {
    const paths = await openHome(home, location);
    const store = new BundleStore(paths.bundles, { clock });
    const digest = parseDigest(bundle);
    const judge = await storedJudge(paths.trust);
    demandTrusted(judge, { namespace: "default", bundle: digest, signatures: await storedSignatures(store, digest) });
    const { manifest } = await store.open(digest, { verify: "size" });
    await demandEnvironment(await storedContract(store, digest), { format: manifest.format });
    const model = manifest.name ?? "model";
    const directory = await store.materialize(digest);
    const revision = digest.slice("sha256:".length, "sha256:".length + 10);
    const identity = { namespace: "default", model, revision };
    const metrics = new ReplicaMetrics(identity);
    const runtimes = runtimesFolder(process.env);
    const start = () =>
      startReplica({
        ...identity,
        manifest,
        directory,
        parameters,
        ...(runtimes === undefined ? {} : { runtimes }),
        metrics,
        clock,
        log,
      });
    const served = await openLoadableModel({ start, log });
    const server = await serveHttp(served, {
      port,
      ...(certificate === undefined ? {} : { tls: certificate }),
      portHint: "Choose another with --port, or 0 for any free one.",
      version: packageJson.version,
      metrics,
      clock,
      log,
    });
    if ("url" in server.address) ready(server.address.url, model);
    const failure = await Promise.race([aborted(signal), served.failed]);
    await server.close({ drainMs: failure === undefined ? 10_000 : 0 });
    if (failure !== undefined) throw failure;
    await served.close();
  } finally {
    certificate?.close();
  }
}
