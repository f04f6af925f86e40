// `npm run bench -- gateway`: P24. The same model directly (`slipway serve`), through the gateway, and through NGINX; JSON and binary.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayPlatform } from "./gateway/gateway-platform.ts";
import { nginxVersion, startNginx } from "./gateway/nginx.ts";
import { inputOf, postOf } from "./load/bodies.ts";
import type { Goal } from "./load/goals.ts";
import { benchOptions } from "./load/options.ts";
import { pin } from "./load/pinned-process.ts";
import { Report } from "./load/report.ts";
import { ratios } from "./load/statistics.ts";
import { requireWrk } from "./load/wrk.ts";
import { ensureModel } from "./models/models.ts";
import { startEcho } from "./serving/bare-servers.ts";
import { contest, contestRows, type Runs } from "./serving/contest.ts";
import { firstAnswer } from "./serving/server.ts";
import { SlipwayServers } from "./serving/slipway-server.ts";

/** Which models at how many connections. */
const parts = { tiny: [1, 16, 64], "2ms": [16], "image-identity": [4] } as const;
const options = benchOptions("gateway", Object.keys(parts), { seconds: 3 });
requireWrk();
const nginx = nginxVersion();
const report = new Report({
  name: "gateway",
  trial: options.trial,
  facts: {
    rounds: options.rounds,
    seconds: options.seconds,
    load: "wrk on core 0; gateway and replica, NGINX and replica, or the replica alone on core 1",
    nginx: nginx ?? "not measured: it is not installed (Debian: apt-get install nginx-light)",
    "foreign containers": "not measured: the gateway cannot lead to one yet",
  },
});
pin(0);
const scratch = mkdtempSync(join(tmpdir(), "slipway-bench-"));
const slipway = await SlipwayServers.build(join(scratch, "home"));
const platform = await GatewayPlatform.start();
/** By model, encoding, connections and server. */
const results = new Map<string, Runs>();
try {
  for (const [name, counts] of Object.entries(parts)) {
    if (!options.wants(name)) continue;
    const model = await ensureModel(name);
    const direct = { ...(await slipway.start(model)), name: "direct" };
    const servers = [direct, await platform.serve(model), ...(nginx === undefined ? [] : [await startNginx(direct, scratch)])];
    try {
      await firstAnswer(direct, postOf(inputOf(model.shape), "oip", "json"));
      for (const encoding of name === "tiny" ? (["json", "binary"] as const) : (["binary"] as const)) {
        const echo = await startEcho(direct, encoding, postOf(inputOf(model.shape), "oip", encoding), scratch);
        for (const connections of counts) {
          // None is paused: the gateway and NGINX lead to servers that must run.
          const taking = [...servers, echo].map((server) => ({ ...server, canPause: false }));
          const whole = { ...options, model, encoding, connections, servers: taking, cold: connections === counts[0] };
          const runs = await contest(whole);
          for (const [server, value] of runs) results.set(`${name} ${encoding} ${connections} ${server}`, value);
          report.table(`${name}, ${encoding}, c=${connections}`, contestRows(whole, runs));
        }
        await echo.process.stop();
      }
    } finally {
      for (const { process } of servers) await process.stop();
    }
  }
  report.finish(goals());
} finally {
  await platform.destroy();
  rmSync(scratch, { recursive: true, force: true });
}

function goals(): Goal[] {
  const of = (run: string, server: string, key: "rate" | "p50" | "bytes") => results.get(`${run} ${server}`)?.[key] ?? [];
  const beside = (run: string, server: string, key: "rate" | "p50" = "rate") =>
    ratios(of(run, "gateway", key), of(run, server, key));
  const added = of("tiny json 1", "gateway", "p50").map((ms, round) => ms - of("tiny json 1", "direct", "p50")[round]!);
  return [
    { id: "P24", what: "tiny, JSON, c=64: rate beside direct", least: 0.8, measured: beside("tiny json 64", "direct") },
    { id: "P24", what: "tiny, binary, c=64: rate beside direct", least: 0.8, measured: beside("tiny binary 64", "direct") },
    { id: "P24 either", what: "tiny, JSON, c=1: added p50", most: 0.1, unit: "ms", measured: added },
    { id: "P24 or", what: "tiny, JSON, c=1: p50 beside direct", most: 1.5, measured: beside("tiny json 1", "direct", "p50") },
    { id: "P1", what: "2 ms, binary, c=16: rate beside direct", least: 0.9, measured: beside("2ms binary 16", "direct") },
    { id: "P2", what: "tiny, JSON, c=64: rate beside node:http", least: 0.6, measured: beside("tiny json 64", "node:http echo") },
    {
      id: "P2",
      what: "tiny, binary, c=64: rate beside node:http",
      least: 0.75,
      measured: beside("tiny binary 64", "node:http echo"),
    },
  ];
}
