import { inputOf, type Post, postOf } from "../load/bodies.ts";
import { type OpenLoopResult, openLoop } from "../load/open-loop.ts";
import type { BenchOptions } from "../load/options.ts";
import { median, withRange } from "../load/statistics.ts";
import type { Row } from "../load/table.ts";
import type { BenchModel } from "../models/models.ts";
import { firstAnswer, type StartedServer } from "../serving/server.ts";
import type { SlipwayServers } from "../serving/slipway-server.ts";

/** Which of our servers. */
export type Way = "objective" | "greedy" | "one by one";

const ways: readonly Way[] = ["objective", "greedy", "one by one"];
/** As many as wait in the largest queue, run, and are being refused. */
const connections = 1024;

/** Three servers with one model: with an objective, with batches as soon as possible, without batches. Those not measured are paused. */
export class BatchingTrial {
  readonly rows: Row[] = [];
  private readonly post: Post;
  private readonly servers: ReadonlyMap<Way, StartedServer>;
  private readonly objectiveMs: number;
  private readonly options: BenchOptions;
  private readonly model: BenchModel;
  private seed = 0;

  private constructor(model: BenchModel, objectiveMs: number, options: BenchOptions, servers: ReadonlyMap<Way, StartedServer>) {
    this.model = model;
    this.objectiveMs = objectiveMs;
    this.options = options;
    this.servers = servers;
    this.post = postOf(inputOf(model.shape), "oip", "binary");
  }

  static async start(
    slipway: SlipwayServers,
    model: BenchModel,
    objectiveMs: number,
    options: BenchOptions,
  ): Promise<BatchingTrial> {
    const parameters: Readonly<Record<Way, Record<string, string>>> = {
      objective: { latencyObjective: `${objectiveMs}ms` },
      greedy: {},
      "one by one": { maxBatchSize: "1" },
    };
    const servers = new Map<Way, StartedServer>();
    const trial = new BatchingTrial(model, objectiveMs, options, servers);
    try {
      for (const way of ways) {
        const server = await slipway.start(model, parameters[way], way);
        servers.set(way, server);
        await firstAnswer(server, trial.post);
        server.process.pause();
      }
    } catch (error) {
      await trial.stop();
      throw error;
    }
    return trial;
  }

  /** Learns what a server has to learn, at half the bound. */
  async warmUp(rate: number): Promise<void> {
    for (const way of ways) await this.run(way, rate, this.options.warmUpSeconds);
  }

  /** Offers a rate to some of the servers, taking turns; `label` is for the table. */
  async offer(label: string, rate: number, taking: readonly Way[], rounds: number): Promise<ReadonlyMap<Way, OpenLoopResult[]>> {
    const results = new Map<Way, OpenLoopResult[]>(taking.map((way) => [way, []]));
    for (let round = 0; round < rounds; round += 1)
      for (const way of taking) results.get(way)!.push(await this.run(way, rate, this.options.seconds));
    for (const [way, runs] of results) this.rows.push(this.row(label, way, runs));
    return results;
  }

  async stop(): Promise<void> {
    for (const { process } of this.servers.values()) await process.stop();
  }

  private async run(way: Way, rate: number, seconds: number): Promise<OpenLoopResult> {
    const { origin, path, process } = this.servers.get(way)!;
    this.seed += 1;
    process.resume();
    try {
      return await openLoop({
        url: `${origin}${path}`,
        post: this.post,
        rate,
        warmUpSeconds: 0.5,
        seconds,
        seed: this.seed,
        objectiveMs: this.objectiveMs,
        connections,
        graceSeconds: 3,
      });
    } finally {
      process.pause();
    }
  }

  private row(label: string, way: Way, runs: readonly OpenLoopResult[]): Row {
    const of = (key: keyof OpenLoopResult) => runs.map((run) => run[key]);
    const refused = of("refused").some((count) => count > 0);
    return {
      model: this.model.name,
      "objective ms": this.objectiveMs,
      offered: label,
      way,
      "offered/s": Math.round(median(of("offered"))),
      "answered/s": Math.round(median(of("achieved"))),
      "inside/s": Math.round(median(of("goodput"))),
      "inside %": withRange(
        of("inside").map((share) => share * 100),
        1,
      ),
      "p50 ms": median(of("p50Ms")).toFixed(2),
      "p99 ms": median(of("p99Ms")).toFixed(2),
      "refusal p50 ms": refused ? median(of("refusalP50Ms")).toFixed(2) : undefined,
      "refusal p99 ms": refused ? median(of("refusalP99Ms")).toFixed(2) : undefined,
      "client late p99 ms": median(of("lateP99Ms")).toFixed(2),
      ...(of("failed").some((count) => count > 0) ? { failed: median(of("failed")) } : {}),
    };
  }
}
