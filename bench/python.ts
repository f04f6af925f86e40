// `npm run bench -- python`: a Python model in `slipway serve` beside its bare loop, and beside MLServer's custom runtime. See bench/README.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "@slipway/base";
import { BundleStore, findPython } from "@slipway/bundle";
import { cacheFolder, pythonEnvironment } from "../e2e/python/python-environment.ts";
import { inputOf, postOf } from "./load/bodies.ts";
import { freePorts } from "./load/free-ports.ts";
import type { Goal } from "./load/goals.ts";
import { benchOptions } from "./load/options.ts";
import { PinnedProcess, pin } from "./load/pinned-process.ts";
import { Report } from "./load/report.ts";
import { ratios } from "./load/statistics.ts";
import { requireWrk } from "./load/wrk.ts";
import { PythonLoop } from "./python/python-loop.ts";
import { lockedVersion, lockFile } from "./rivals/locked-version.ts";
import { contest, contestRows } from "./serving/contest.ts";
import { firstAnswer, type StartedServer } from "./serving/server.ts";
import { SlipwayServers } from "./serving/slipway-server.ts";

const options = benchOptions("python", ["steady", "tiny"], { seconds: 3 });
requireWrk();
const report = new Report({
  name: "python",
  trial: options.trial,
  facts: {
    rounds: options.rounds,
    seconds: options.seconds,
    load: "wrk (closed loop) on core 0, servers with all their processes on core 1, taking turns",
    rivals: `MLServer ${lockedVersion("mlserver", "mlserver")}`,
  },
});
pin(0);
const scratch = mkdtempSync(join(tmpdir(), "slipway-bench-"));
const sources = join(import.meta.dirname, "python");
const shape = [1, 64];
const modelOf = (name: string) => ({ name, folder: join(sources, name), file: join(sources, name, "model.py"), shape });
const post = postOf(inputOf(shape), "oip", "json");
const goals: Goal[] = [];
try {
  const slipway = await SlipwayServers.build(join(scratch, "home"));
  if (options.wants("steady")) await steady(slipway);
  if (options.wants("tiny")) await tiny(slipway);
  report.finish(goals);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** P6: a model of 5 ms beside the same `predict` in a loop. */
async function steady(slipway: SlipwayServers): Promise<void> {
  const model = modelOf("steady");
  const store = new BundleStore(join(scratch, "loop"), { clock: systemClock, cache: cacheFolder });
  const bundle = await store.build(model.folder);
  if (bundle.manifest.format !== "python") throw new Error("The model is no Python model.");
  const { executable } = await findPython(bundle.manifest.environment.python);
  const loop = new PythonLoop(executable, join(await bundle.materialize(), "env", "site"), model.file);
  let server: StartedServer | undefined;
  try {
    const work = await loop.calibrate(5);
    server = await slipway.start(model, { work: String(work), maxBatchSize: "1" });
    await firstAnswer(server, post);
    const whole = { ...options, model, encoding: "json", connections: 16, servers: [server], loop, cold: true } as const;
    const results = await contest(whole);
    report.table(`a Python model of 5 ms (work ${work})`, contestRows(whole, results));
    const measured = ratios(results.get("slipway")!.rate, results.get(loop.name)!.rate);
    goals.push({ id: "P6", what: "5 ms, json, c=16: rate beside the loop", least: 0.85, measured });
  } finally {
    await server?.process.stop();
    await loop.process.stop();
  }
}

/** P6: a model that does next to nothing, beside MLServer with the same. */
async function tiny(slipway: SlipwayServers): Promise<void> {
  const servers: StartedServer[] = [];
  try {
    const model = modelOf("tiny");
    servers.push(await slipway.start(model), await mlserver());
    for (const server of servers) await firstAnswer(server, post);
    for (const connections of [1, 64]) {
      const whole = { ...options, model, encoding: "json", connections, servers, cold: connections === 1 } as const;
      const results = await contest(whole);
      report.table(`a Python model that does next to nothing, c=${connections}`, contestRows(whole, results));
      if (connections === 1) continue;
      const measured = ratios(results.get("slipway")!.rate, results.get("MLServer")!.rate);
      goals.push({ id: "P6", what: "tiny, json, c=64: rate beside MLServer's custom runtime", least: 2, measured });
    }
  } finally {
    for (const { process } of servers) await process.stop();
  }
}

async function mlserver(): Promise<StartedServer> {
  const bin = dirname(await pythonEnvironment(lockFile("mlserver")));
  const folder = join(scratch, "mlserver");
  mkdirSync(folder);
  const [port, sparePort] = (await freePorts(2)) as [number, number];
  const settings = {
    debug: false,
    parallel_workers: 0,
    host: "127.0.0.1",
    http_port: port,
    grpc_port: sparePort,
    metrics_endpoint: null,
  };
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
  writeFileSync(
    join(folder, "model-settings.json"),
    JSON.stringify({ name: "model", implementation: "mlserver_handler.TinyModel" }),
  );
  const env = { PATH: `${bin}:${process.env.PATH}`, PYTHONPATH: sources, OMP_NUM_THREADS: "1" };
  const started = PinnedProcess.start([join(bin, "mlserver"), "start", folder], { env, cwd: folder });
  return {
    name: "MLServer",
    canPause: true,
    process: started,
    origin: `http://127.0.0.1:${port}`,
    path: "/v2/models/model/infer",
    form: "oip",
    health: "/v2/health/live",
    encodings: ["json"],
  };
}
