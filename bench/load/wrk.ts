import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Post } from "./bodies.ts";

/** What one closed-loop run gave. */
export interface Load {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Bytes received per second, heads included. */
  readonly bytesPerSecond: number;
  readonly errors: number;
}

/** A closed loop: each connection sends its next request when the last is answered. For capacity only. */
export interface ClosedLoop extends Post {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
}

const folder = mkdtempSync(join(tmpdir(), "slipway-wrk-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Whether the load generator is there; a benchmark without it says so and ends. */
export function requireWrk(): void {
  if (spawnSync("wrk", ["--version"]).error === undefined) return;
  console.error("This benchmark drives its load with `wrk`, which is not installed (Debian: apt-get install wrk).");
  process.exit(1);
}

/** Posts over keep-alive connections from core 0. */
export async function load({ url, body, headers, connections, seconds }: ClosedLoop): Promise<Load> {
  const [script, bodyFile] = [join(folder, "post.lua"), join(folder, "body")];
  writeFileSync(bodyFile, body);
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`);
  writeFileSync(
    script,
    `wrk.method = "POST"
${lines.join("\n")}
local file = io.open(${JSON.stringify(bodyFile)}, "rb")
wrk.body = file:read("*a")
file:close()
done = function(summary, latency)
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  local seconds = summary.duration / 1e6
  io.write(string.format("RESULT %f %f %f %f %d\\n", summary.requests / seconds, latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.bytes / seconds, errors))
end
`,
  );
  const output = await run(["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, url]);
  const found = /RESULT ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) (\d+)/.exec(output);
  if (found === null) throw new Error(`wrk printed no result: ${output}`);
  const [requestsPerSecond, p50Ms, p99Ms, bytesPerSecond, errors] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { requestsPerSecond, p50Ms, p99Ms, bytesPerSecond, errors };
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("taskset", ["-c", "0", "wrk", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}
