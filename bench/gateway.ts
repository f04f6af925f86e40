// P2 and P24: the digits model at c=1, 16 and 64, against a bare node:http echo of the same bodies, directly and through the gateway.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { manifest, requestFor } from "../e2e/harness/digits.ts";
import { root, TestPlatform } from "../e2e/harness/platform.ts";
import { heading, median, report } from "./load/table.ts";
import { load, requireWrk } from "./load/wrk.ts";

requireWrk();
const rounds = Number(process.argv[2] ?? 5);
const seconds = 3;
const body = requestFor([1]);
heading("gateway", { model: "digits v1, batch 1, JSON", rounds, seconds, client: "wrk on core 0, servers on core 1" });

const platform = await TestPlatform.create();
const children: { kill(): void }[] = [];
try {
  await platform.start();
  const applied = await platform.slipway(
    ["apply", "-f", "-", "--wait"],
    manifest("v1", (text) => text.replace(/ {2}resources:\n.*\n.*\n/, "")),
  );
  if (applied.code !== 0) throw new Error(applied.stderr);
  const { digest } = await platform.json<{ digest: string }>("build", "examples/digits/v1");
  const answer = await (
    await fetch(`${platform.gateway}/v2/models/digits/infer`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    })
  ).text();
  const echo = await listening(
    "node",
    [join(root, "bench", "load", "echo-server.ts"), answer],
    (line) => `http://127.0.0.1:${JSON.parse(line).port}/`,
  );
  const direct = await listening(
    join(root, "bin", "slipway"),
    ["serve", digest, "--port", "0", "--home", platform.home, "-o", "json"],
    (line) => `${JSON.parse(line).url}/v2/models/${JSON.parse(line).model}/infer`,
  );
  for (const { pid } of await platform.processes()) spawn("taskset", ["-a", "-c", "-p", "1", String(pid)], { stdio: "ignore" });
  const targets = { echo, direct, gateway: `${platform.gateway}/v2/models/digits/infer` };
  const rows = [];
  for (const connections of [1, 16, 64]) {
    const runs: Record<string, { rate: number[]; p50: number[]; p99: number[] }> = {};
    for (const url of Object.values(targets)) await load(url, body, connections, 1);
    for (let round = 0; round < rounds; round++) {
      for (const [name, url] of Object.entries(targets)) {
        const result = await load(url, body, connections, seconds);
        if (result.errors > 0) throw new Error(`${name}: ${result.errors} requests failed`);
        runs[name] ??= { rate: [], p50: [], p99: [] };
        const run = runs[name];
        run.rate.push(result.requestsPerSecond);
        run.p50.push(result.p50Ms);
        run.p99.push(result.p99Ms);
      }
    }
    for (const [name, run] of Object.entries(runs)) {
      const ratios = run.rate.map((rate, round) => rate / runs.echo!.rate[round]!);
      rows.push({
        path: name,
        c: connections,
        "req/s": Math.round(median(run.rate)),
        "p50 ms": median(run.p50).toFixed(2),
        "p99 ms": median(run.p99).toFixed(2),
        "of echo": `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
        "of direct": median(run.rate.map((rate, round) => rate / runs.direct!.rate[round]!)).toFixed(2),
      });
    }
  }
  report("gateway", rows);
} finally {
  for (const child of children) child.kill();
  await platform.destroy();
}

async function listening(command: string, args: readonly string[], urlOf: (line: string) => string): Promise<string> {
  const child = spawn("taskset", ["-c", "1", command, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  children.push({ kill: () => child.kill() });
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  return urlOf(line);
}
