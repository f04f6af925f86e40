import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "./histogram.ts";
import { inferenceMetrics } from "./metric-table.ts";
import { ReplicaMetrics } from "./replica-metrics.ts";

/** The sample lines of a text, by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

test("a histogram counts what is not larger than each bound, and adds up", () => {
  const histogram = new Histogram([0.1, 1]);
  for (const value of [0.1, 0.5, 1, 7]) histogram.observe(value);
  assert.equal(
    histogram.render("h", 'a="b"'),
    'h_bucket{a="b",le="0.1"} 1\nh_bucket{a="b",le="1"} 3\nh_bucket{a="b",le="+Inf"} 4\nh_sum{a="b"} 8.6\nh_count{a="b"} 4\n',
  );
});

test("a replica's numbers are what happened to its requests", () => {
  const metrics = new ReplicaMetrics({ namespace: "default", model: "m", revision: "m-1" });
  for (let request = 0; request < 4; request += 1) metrics.begin();
  metrics.ran(2, 30);
  metrics.ran(4, 30);
  metrics.runs(1, 5);
  metrics.end(200, 40);
  metrics.end(200, 50);
  metrics.end(400, 1);
  const got = samples(metrics.render());
  const own = 'namespace="default",model="m",revision="m-1"';
  const triton = 'model="m",version="m-1"';
  for (const [name, value] of Object.entries({
    [`inference_requests_total{${own},code="200"}`]: 2,
    [`inference_requests_total{${own},code="400"}`]: 1,
    [`inference_request_duration_seconds_count{${own}}`]: 3,
    [`inference_request_duration_seconds_bucket{${own},le="0.05"}`]: 3,
    [`inference_request_duration_seconds_bucket{${own},le="0.025"}`]: 1,
    [`inference_queue_duration_seconds_sum{${own}}`]: 0.006,
    [`inference_compute_duration_seconds_count{${own}}`]: 2,
    [`inference_batch_size_bucket{${own},le="4"}`]: 0,
    [`inference_batch_size_bucket{${own},le="8"}`]: 1,
    [`inference_inflight{${own}}`]: 1,
    [`nv_inference_request_success{${triton}}`]: 2,
    [`nv_inference_request_failure{${triton}}`]: 1,
    [`nv_inference_count{${triton}}`]: 5,
    [`nv_inference_exec_count{${triton}}`]: 1,
    [`nv_inference_request_duration_us{${triton}}`]: 91_000,
    [`nv_inference_queue_duration_us{${triton}}`]: 6_000,
    [`nv_inference_compute_infer_duration_us{${triton}}`]: 60_000,
  }))
    assert.equal(got.get(name), value, name);
});

test("the text has each metric of the table once, with its type and labels, and no other", () => {
  const metrics = new ReplicaMetrics({ namespace: 'n"s', model: "m\\", revision: "r\n" });
  metrics.begin();
  metrics.end(200, 1);
  const text = metrics.render();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
  assert.deepEqual(
    types,
    Object.entries(inferenceMetrics).map(([name, { type }]) => [name, type]),
  );
  assert.equal([...text.matchAll(/^# HELP /gm)].length, types.length);
  for (const key of samples(text).keys()) {
    const [, sample = "", labels = ""] = /^([a-z_]+)\{(.*)\}$/s.exec(key) ?? [];
    const name = sample.replace(/_(bucket|sum|count)$/, (suffix) => (sample in inferenceMetrics ? suffix : ""));
    const row = inferenceMetrics[name as keyof typeof inferenceMetrics];
    assert.ok(row !== undefined, `${sample} is not in the table`);
    const names = [...labels.matchAll(/([a-z]+)="/g)].map(([, label]) => label).filter((label) => label !== "le");
    assert.deepEqual(names, row.labels, sample);
  }
  assert.match(text, /namespace="n\\"s",model="m\\\\",revision="r\\n"/);
});
