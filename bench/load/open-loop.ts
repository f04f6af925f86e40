import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Post } from "./bodies.ts";

/** Requests at times that do not depend on the answers. */
export interface OpenLoop {
  readonly url: string;
  /** Absent: a GET. */
  readonly post?: Post;
  /** Requests per second, offered. */
  readonly rate: number;
  /** Sent and answered before what counts. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly seed: number;
  /** Latency from the intended time that still counts as good. */
  readonly objectiveMs: number;
  /** Most connections at once; a request that finds none free waits, and its latency runs. */
  readonly connections: number;
  /** How long answers may still come after the last request was due. */
  readonly graceSeconds: number;
}

/** What came of it. Latencies run from the time a request was due, not from when it could be sent. */
export interface OpenLoopResult {
  /** Requests that were due, per second. */
  readonly offered: number;
  /** Answers with status 200, per second. */
  readonly achieved: number;
  /** Of these, inside the objective, per second. */
  readonly goodput: number;
  /** Share of all that were due. */
  readonly inside: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers 429 and 503. */
  readonly refused: number;
  readonly refusalP50Ms: number;
  readonly refusalP99Ms: number;
  /** Other statuses, broken connections, no answer at all. */
  readonly failed: number;
  /** How late the client itself sent; above a millisecond it is the client that was measured. */
  readonly lateP99Ms: number;
}

/** Runs the open-loop client on core 0. */
export function openLoop(options: OpenLoop): Promise<OpenLoopResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("taskset", ["-c", "0", process.execPath, join(import.meta.dirname, "open-loop-client.ts")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const { post, ...rest } = options;
    child.stdin.end(
      JSON.stringify({ ...rest, post: post === undefined ? undefined : { ...post, body: post.body.toString("base64") } }),
    );
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(output) as OpenLoopResult);
      else reject(new Error(`the open-loop client ended with ${code}: ${output}`));
    });
  });
}
