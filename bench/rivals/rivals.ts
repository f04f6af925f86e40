import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pythonEnvironment } from "../../e2e/python/python-environment.ts";
import { PinnedProcess } from "../load/pinned-process.ts";
import { lockedVersion, lockFile } from "./locked-version.ts";
import type { Endpoint, Rival, StartOptions } from "./rival.ts";

const servers = join(import.meta.dirname, "servers");
const oip = { path: "/v2/models/model/infer", form: "oip", health: "/v2/health/live" } as const;
const rows = { path: "/predict", form: "rows", encodings: ["json"] } as const;

/** Every rival, from its own environment, as its documentation starts it: one worker, one thread inside an operator, no batching. */
export const rivals: readonly Rival[] = [
  // MLServer has no binary tensors over HTTP.
  rival("mlserver", "mlserver", "MLServer", { ...oip, encodings: ["json"] }, (bin, { port, sparePort, folder, model }) => {
    mkdirSync(folder, { recursive: true });
    const settings = { debug: false, parallel_workers: 0, host: "127.0.0.1", http_port: port, grpc_port: sparePort };
    writeFileSync(join(folder, "settings.json"), JSON.stringify({ ...settings, metrics_endpoint: null }));
    writeFileSync(
      join(folder, "model-settings.json"),
      JSON.stringify({ name: "model", implementation: "mlserver_model.OnnxModel", parameters: { uri: model } }),
    );
    return [join(bin, "mlserver"), "start", folder];
  }),
  rival("kserve", "kserve", "KServe", { ...oip, encodings: ["json", "binary"] }, (bin, { port }) => [
    ...[join(bin, "python"), join(servers, "kserve_server.py"), String(port)],
  ]),
  rival("litserve", "litserve", "LitServe", { ...rows, health: "/health" }, (bin, { port }) => [
    ...[join(bin, "python"), join(servers, "litserve_server.py"), String(port)],
  ]),
  rival("bentoml", "bentoml", "BentoML", { ...rows, health: "/livez" }, (bin, { port }) => [
    ...[join(bin, "bentoml"), "serve", "bentoml_service:OnnxService"],
    ...["--working-dir", servers, "--host", "127.0.0.1", "--port", String(port)],
  ]),
  rival("ray", "ray", "Ray Serve", { ...rows, health: "/-/healthz" }, (bin, { port, model, folder }) => [
    ...[join(bin, "python"), join(servers, "ray_server.py"), String(port), model, join(folder, "r")],
  ]),
];

function rival(
  id: string,
  distribution: string,
  name: string,
  endpoint: Endpoint,
  command: (bin: string, options: StartOptions) => string[],
): Rival {
  let bin = "";
  return {
    ...endpoint,
    name,
    version: lockedVersion(id, distribution) ?? "?",
    canPause: id !== "ray",
    async prepare() {
      bin = dirname(await pythonEnvironment(lockFile(id)));
    },
    start: (options) =>
      PinnedProcess.start(command(bin, options), {
        env: {
          PATH: `${bin}:${process.env.PATH}`,
          PYTHONPATH: servers,
          BENCH_MODEL: options.model,
          OMP_NUM_THREADS: "1",
          BENTOML_HOME: join(options.folder, "bentoml"),
          BENTOML_DO_NOT_TRACK: "True",
          RAY_USAGE_STATS_ENABLED: "0",
        },
        cwd: options.folder,
      }),
  };
}
