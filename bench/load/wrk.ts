import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one closed-loop run gave. */
export interface Load {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
}

const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));

/** Whether the load generator is there; a benchmark without it says so and ends. */
export function requireWrk(): void {
  if (spawnSync("wrk", ["--version"]).error === undefined) return;
  console.error("This benchmark drives its load with `wrk`, which is not installed (Debian: apt-get install wrk).");
  process.exit(1);
}

/** Posts `body` for `seconds` over `connections` keep-alive connections, from core 0. */
export function load(url: string, body: string, connections: number, seconds: number): Promise<Load> {
  const script = join(folder, "post.lua");
  writeFileSync(
    script,
    `wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = [==[${body}]==]
done = function(summary, latency)
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors))
end
`,
  );
  return new Promise((resolve, reject) => {
    const child = spawn("taskset", ["-c", "0", "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", () => {
      const found = /RESULT ([\d.]+) ([\d.]+) ([\d.]+) (\d+)/.exec(output);
      if (found === null) reject(new Error(`wrk printed no result: ${output}`));
      else
        resolve({
          requestsPerSecond: Number(found[1]),
          p50Ms: Number(found[2]),
          p99Ms: Number(found[3]),
          errors: Number(found[4]),
        });
    });
  });
}
