import { readFile } from "node:fs/promises";
import { aborted, SlipwayError, toWireError } from "@slipway/base";
import { BundleStore, parseDigest } from "@slipway/bundle";
import { type HomePaths, type ReplicaSpec, replicaPaths } from "@slipway/local";
import { listenFrames, startReplica, unixTransport } from "@slipway/serve";
import { bundleDigest, quantityBytes, quantityCores } from "@slipway/spec/values";
import { demandEnvironment } from "../trust/demand-environment.ts";
import { demandTrusted, storedJudge } from "../trust/stored-policy.ts";
import { runRole } from "./role.ts";
import { runtimesFolder } from "./runtimes-folder.ts";

/** A replica's process: loads its bundle, warms up, answers on its own socket, and finishes what it accepted when told to stop. */
export function runReplica(paths: HomePaths, namespace: string, name: string): Promise<void> {
  return runRole("replica", async ({ clock, log, lifeline, stop }) => {
    const files = replicaPaths(paths, namespace, name);
    const spec = JSON.parse(await readFile(files.spec, "utf8")) as ReplicaSpec;
    demandTrusted(await storedJudge(paths.trust), {
      namespace,
      bundle: parseDigest(bundleDigest(spec.bundle)),
      signatures: spec.signatures ?? [],
    });
    const bundle = await openBundle(new BundleStore(paths.bundles, { clock }), spec.bundle);
    const runtimes = runtimesFolder(process.env);
    const { memory } = spec.resources;
    await demandEnvironment(spec.contract, {
      format: bundle.manifest.format,
      ...(memory === undefined ? {} : { memoryBytes: quantityBytes(memory) }),
    });
    const replica = await startReplica({
      namespace,
      model: spec.model,
      revision: spec.revision,
      ...bundle,
      parameters: spec.parameters,
      ...(spec.signature === undefined ? {} : { signature: spec.signature }),
      samples: spec.samples,
      ...(runtimes === undefined ? {} : { runtimes }),
      ...(spec.resources.cpu === undefined ? {} : { cpu: quantityCores(spec.resources.cpu) }),
      clock,
      log,
    });
    const listener = await listenFrames({ replica, transport: unixTransport(files.socket), clock });
    lifeline.report({ state: "ready" });
    const failure = await Promise.race([aborted(stop), replica.failed]);
    if (failure !== undefined) {
      lifeline.report({ state: "failed", error: toWireError(failure) });
      await clock.sleep(50);
      // A worker in the middle of a run cannot be ended in any gentler way.
      process.kill(process.pid, "SIGKILL");
    }
    lifeline.report({ state: "draining" });
    await listener.drain();
    await listener.close();
    await replica.close();
  });
}

async function openBundle(store: BundleStore, reference: string) {
  const digest = parseDigest(bundleDigest(reference));
  try {
    const { manifest } = await store.open(digest, { verify: "size" });
    return { manifest, directory: await store.materialize(digest) };
  } catch (caught) {
    if (SlipwayError.from(caught).code !== "notFound") throw caught;
    throw new SlipwayError("invalid", `The bundle ${digest} is not in this home's store.`, {
      hint: "`slipway build` makes it from its model directory.",
      cause: caught,
    });
  }
}
