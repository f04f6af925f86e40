/** One metric of a replica. */
export interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  /** Its labels, in order. */
  readonly labels: readonly string[];
  /** What it counts, one sentence. */
  readonly help: string;
}

const own = ["namespace", "model", "revision"];
/** As Triton Inference Server labels its own. */
const triton = ["model", "version"];

/** Every metric that a replica has at `/metrics`. docs/metrics.md is generated from it. */
export const inferenceMetrics = {
  inference_requests_total: {
    type: "counter",
    labels: [...own, "code"],
    help: "Inference requests that were answered, by the HTTP status of the answer; over gRPC, of the same error.",
  },
  inference_request_duration_seconds: {
    type: "histogram",
    labels: own,
    help: "From a request's arrival, with its body, to its answer.",
  },
  inference_queue_duration_seconds: {
    type: "histogram",
    labels: own,
    help: "From a request's arrival in the queue to the beginning of its run; of requests that were run.",
  },
  inference_compute_duration_seconds: {
    type: "histogram",
    labels: own,
    help: "What the run took that a request was part of; of requests that were run.",
  },
  inference_batch_size: { type: "histogram", labels: own, help: "Rows that went through the model together, of each run." },
  inference_inflight: { type: "gauge", labels: own, help: "Inference requests that came and are not answered yet." },
  nv_inference_request_success: { type: "counter", labels: triton, help: "Requests that were answered with outputs." },
  nv_inference_request_failure: { type: "counter", labels: triton, help: "Requests that were answered with an error." },
  nv_inference_count: {
    type: "counter",
    labels: triton,
    help: "Rows that went through the model; requests, of a model whose requests do not share runs.",
  },
  nv_inference_exec_count: { type: "counter", labels: triton, help: "Runs of the model." },
  nv_inference_request_duration_us: { type: "counter", labels: triton, help: "Sum of the durations of requests, microseconds." },
  nv_inference_queue_duration_us: { type: "counter", labels: triton, help: "Sum of the times in the queue, microseconds." },
  nv_inference_compute_infer_duration_us: {
    type: "counter",
    labels: triton,
    help: "Sum over requests of what their runs took, microseconds.",
  },
} as const satisfies Record<string, MetricRow>;

/** A key of {@link inferenceMetrics}. */
export type MetricName = keyof typeof inferenceMetrics;

/** The table of the documentation: a row of Markdown for each metric. */
export function metricReference(): string {
  const rows = Object.entries(inferenceMetrics).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(" ")} | ${help} |`,
  );
  return `| Metric | Type | Labels | What |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}
