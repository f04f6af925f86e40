// The ceiling of a model: onnxruntime-node in a loop, with nothing around it. `MODEL_FILE`; reads `{"shape":[…],"seconds":…}` lines,
// answers each with the runs per second and the percentiles of their time.
import { createInterface } from "node:readline";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { inputOf } from "../load/bodies.ts";
import { percentile } from "../load/statistics.ts";

const session = await InferenceSession.create(process.argv[2]!, { intraOpNumThreads: 1, interOpNumThreads: 1 });
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const { shape, seconds } = JSON.parse(line) as { shape: number[]; seconds: number };
  const { values } = inputOf(shape);
  const feeds = { x: new Tensor("float32", values, shape) };
  const times: number[] = [];
  const started = performance.now();
  let now = started;
  while (now - started < seconds * 1000 || times.length === 0) {
    await session.run(feeds);
    const after = performance.now();
    times.push(after - now);
    now = after;
  }
  times.sort((a, b) => a - b);
  const requestsPerSecond = times.length / ((now - started) / 1000);
  const percentiles = { leastMs: times[0], p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
  console.log(JSON.stringify({ requestsPerSecond, ...percentiles }));
}
