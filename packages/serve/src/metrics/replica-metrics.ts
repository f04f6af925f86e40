import type { BatchObserver } from "../batch/batch-observer.ts";
import { Histogram } from "./histogram.ts";
import { inferenceMetrics, type MetricName } from "./metric-table.ts";

/** Seconds, from what a tiny model takes to the longest that anybody waits for. */
const durations = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;
const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096] as const;
const lastStatus = 599;

/** What a model's requests come to, in numbers. They outlive the replica: a model that is loaded anew goes on counting. */
export class ReplicaMetrics implements BatchObserver {
  private readonly labels: string;
  private readonly tritonLabels: string;
  private readonly statuses = new Float64Array(lastStatus + 1);
  private readonly request = new Histogram(durations);
  private readonly queue = new Histogram(durations);
  private readonly compute = new Histogram(durations);
  private readonly size = new Histogram(sizes);
  private inflight = 0;
  private executions = 0;

  constructor({ namespace, model, revision }: { readonly namespace: string; readonly model: string; readonly revision: string }) {
    this.labels = `namespace="${escaped(namespace)}",model="${escaped(model)}",revision="${escaped(revision)}"`;
    this.tritonLabels = `model="${escaped(model)}",version="${escaped(revision)}"`;
  }

  /** A request has come. */
  begin(): void {
    this.inflight += 1;
  }

  /** A request that came was answered with this HTTP status, after so many milliseconds. */
  end(status: number, ms: number): void {
    this.inflight -= 1;
    this.statuses[Math.min(lastStatus, status)]! += 1;
    this.request.observe(ms / 1_000);
  }

  ran(queueMs: number, computeMs: number): void {
    this.queue.observe(queueMs / 1_000);
    this.compute.observe(computeMs / 1_000);
  }

  runs(count: number, rows: number): void {
    this.executions += count;
    if (count === 0) return;
    // Of one run the rows are known; what went alone, or was taken apart, is counted as equal parts.
    for (let run = 0; run < count; run += 1) this.size.observe(rows / count);
  }

  /** Prometheus' text format 0.0.4. */
  render(): string {
    const { labels } = this;
    const text: Record<MetricName, string> = {
      inference_requests_total: this.byStatus(),
      inference_request_duration_seconds: this.request.render("inference_request_duration_seconds", labels),
      inference_queue_duration_seconds: this.queue.render("inference_queue_duration_seconds", labels),
      inference_compute_duration_seconds: this.compute.render("inference_compute_duration_seconds", labels),
      inference_batch_size: this.size.render("inference_batch_size", labels),
      inference_inflight: `inference_inflight{${labels}} ${this.inflight}\n`,
      ...this.triton(),
    };
    return (Object.keys(inferenceMetrics) as MetricName[])
      .map(
        (name) => `# HELP ${name} ${inferenceMetrics[name].help}\n# TYPE ${name} ${inferenceMetrics[name].type}\n${text[name]}`,
      )
      .join("");
  }

  private byStatus(): string {
    let text = "";
    for (const [status, count] of this.statuses.entries())
      if (count > 0) text += `inference_requests_total{${this.labels},code="${status}"} ${count}\n`;
    return text;
  }

  private triton() {
    const line = (name: MetricName, value: number) => `${name}{${this.tritonLabels}} ${value}\n`;
    const microseconds = (histogram: Histogram) => Math.round(histogram.sum * 1e6);
    const success = this.statuses[200]!;
    const all = this.statuses.reduce((sum, count) => sum + count, 0);
    return {
      nv_inference_request_success: line("nv_inference_request_success", success),
      nv_inference_request_failure: line("nv_inference_request_failure", all - success),
      nv_inference_count: line("nv_inference_count", this.size.sum),
      nv_inference_exec_count: line("nv_inference_exec_count", this.executions),
      nv_inference_request_duration_us: line("nv_inference_request_duration_us", microseconds(this.request)),
      nv_inference_queue_duration_us: line("nv_inference_queue_duration_us", microseconds(this.queue)),
      nv_inference_compute_infer_duration_us: line("nv_inference_compute_infer_duration_us", microseconds(this.compute)),
    };
  }
}

function escaped(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
