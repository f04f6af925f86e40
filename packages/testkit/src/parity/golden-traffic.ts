import type { Clock } from "@slipway/base";
import { type GoldenVersion, goldenRequest, wrongGolden } from "./golden.ts";
import type { ParityPlace } from "./parity-place.ts";

/** What a run of golden traffic saw. */
export interface GoldenReport {
  readonly sent: number;
  readonly failures: readonly string[];
  /** Versions whose answers were seen. */
  readonly seen: ReadonlySet<GoldenVersion>;
}

/** Milliseconds between two requests, whatever the answers do. */
const intervalMs = 40;

/** Golden requests at their intended times until stopped; a request that is not answered, or wrongly, is a failure. */
export class GoldenTraffic {
  private readonly pending = new Set<Promise<void>>();
  private readonly failures: string[] = [];
  private readonly seen = new Set<GoldenVersion>();
  private readonly versions: readonly GoldenVersion[];
  private readonly target: { place: ParityPlace; path: string; clock: Clock };
  private sent = 0;
  private running = true;
  private readonly loop: Promise<void>;

  constructor(place: ParityPlace, path: string, versions: readonly GoldenVersion[], clock: Clock) {
    this.target = { place, path, clock };
    this.versions = versions;
    this.loop = this.run();
  }

  /** How many were sent until now. */
  get count(): number {
    return this.sent;
  }

  /** Sends no more, waits for what is under way, and says what happened. */
  async stop(): Promise<GoldenReport> {
    this.running = false;
    await this.loop;
    await Promise.all(this.pending);
    return { sent: this.sent, failures: this.failures, seen: this.seen };
  }

  private async run(): Promise<void> {
    const { clock } = this.target;
    const started = clock.monotonic();
    while (this.running) {
      const wait = started + this.sent * intervalMs - clock.monotonic();
      if (wait > 1) await clock.sleep(wait);
      const one = this.sendOne().finally(() => this.pending.delete(one));
      this.pending.add(one);
      this.sent++;
    }
  }

  private async sendOne(): Promise<void> {
    const { place, path } = this.target;
    try {
      const { status, body } = await place.gateway({ method: "POST", path, body: JSON.stringify(goldenRequest) });
      if (status !== 200) throw new Error(`status ${status}: ${JSON.stringify(body).slice(0, 200)}`);
      const right = this.versions.find((version) => wrongGolden(body, version) === undefined);
      if (right === undefined) throw new Error(`no answer of ${this.versions}: ${JSON.stringify(body).slice(0, 200)}`);
      this.seen.add(right);
    } catch (caught) {
      this.failures.push(caught instanceof Error ? caught.message : String(caught));
    }
  }
}
