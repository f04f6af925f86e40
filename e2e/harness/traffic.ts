import { Agent, request } from "node:http";
import { systemClock } from "@slipway/base";

/** One request that did not get the answer it should have. */
export interface Failure {
  readonly atMs: number;
  readonly what: string;
}

/** What a run of steady traffic saw. */
export interface TrafficReport {
  readonly sent: number;
  readonly answered: number;
  readonly failures: readonly Failure[];
  /** Answers by the revision that gave them. */
  readonly revisions: Readonly<Record<string, number>>;
  /** Milliseconds from the intended send time, so that a stalled server cannot hide its queue. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** Where traffic goes, and what is right there. */
export interface TrafficTarget {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests a second. */
  readonly rate: number;
  /** What is wrong with an answer; undefined when nothing is. */
  readonly check: (answer: unknown) => string | undefined;
}

/** Open-loop traffic: `rate` requests a second at their intended times, whatever the answers do, until stopped. */
export class SteadyTraffic {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 });
  private readonly pending = new Set<Promise<void>>();
  private readonly latencies: number[] = [];
  private readonly failures: Failure[] = [];
  private readonly revisions: Record<string, number> = {};
  private sent = 0;
  private running = true;
  private readonly started = systemClock.monotonic();
  private readonly loop: Promise<void>;
  private readonly target: TrafficTarget;

  constructor(target: TrafficTarget) {
    this.target = target;
    this.loop = this.run();
  }

  /** How many were sent until now. */
  get count(): number {
    return this.sent;
  }

  /** Stops sending, waits for what is under way, and says what happened. */
  async stop(): Promise<TrafficReport> {
    this.running = false;
    await this.loop;
    await Promise.all(this.pending);
    this.agent.destroy();
    const sorted = this.latencies.sort((a, b) => a - b);
    const at = (share: number) =>
      Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
    return {
      sent: this.sent,
      answered: sorted.length,
      failures: this.failures,
      revisions: this.revisions,
      p50: at(0.5),
      p99: at(0.99),
      worst: at(1),
    };
  }

  private async run(): Promise<void> {
    const interval = 1000 / this.target.rate;
    while (this.running) {
      const due = this.started + this.sent * interval;
      const wait = due - systemClock.monotonic();
      if (wait > 1) await systemClock.sleep(wait);
      const one = this.sendOne(due).finally(() => this.pending.delete(one));
      this.pending.add(one);
      this.sent++;
    }
  }

  private async sendOne(due: number): Promise<void> {
    try {
      const { status, body } = await this.post();
      const wrong = status === 200 ? this.target.check(JSON.parse(body)) : `status ${status}: ${body.slice(0, 200)}`;
      if (wrong !== undefined) throw new Error(wrong);
      const revision = String((JSON.parse(body) as { model_version?: string }).model_version);
      this.revisions[revision] = (this.revisions[revision] ?? 0) + 1;
      this.latencies.push(systemClock.monotonic() - due);
    } catch (caught) {
      this.failures.push({ atMs: Math.round(systemClock.monotonic() - this.started), what: String(caught) });
    }
  }

  private post(): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.target.url,
        {
          method: "POST",
          agent: this.agent,
          headers: {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(this.target.body),
            ...this.target.headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString() }));
          response.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(this.target.body);
    });
  }
}
