import { type Encoding, inputOf, postOf } from "../load/bodies.ts";
import type { Goal } from "../load/goals.ts";
import { ratios } from "../load/statistics.ts";
import type { Row } from "../load/table.ts";
import { BareLoop } from "../models/bare-loop.ts";
import type { BenchModel } from "../models/models.ts";
import { answerNumbers, sameNumbers } from "./answer-numbers.ts";
import { startEcho } from "./bare-servers.ts";
import { contest, contestRows, type Runs } from "./contest.ts";
import type { ServeBench } from "./serve-bench.ts";
import { firstAnswer, type StartedServer } from "./server.ts";

/** Results by encoding, connections and server, such as `json 64 MLServer`. */
export type Throughput = ReadonlyMap<string, Runs>;

const connectionCounts = [1, 16, 64];

/** One model on every server: JSON and binary, 1, 16 and 64 connections. */
export async function throughput(model: BenchModel, bench: ServeBench): Promise<{ rows: Row[]; results: Throughput }> {
  const { options, slipway, rivals, scratch } = bench;
  const servers: StartedServer[] = [];
  const rows: Row[] = [];
  const results = new Map<string, Runs>();
  const input = inputOf(model.shape);
  let expected: readonly number[] = [];
  const answering = async (server: StartedServer) => {
    servers.push(server);
    await firstAnswer(server, postOf(input, server.form, "json"));
    const answer = await answerNumbers(server, input);
    if (servers.length === 1) expected = answer;
    if (!sameNumbers(answer, expected)) throw new Error(`${server.name} answers ${answer}, not ${expected}`);
    return server;
  };
  const hold = async (encoding: Encoding, taking: readonly StartedServer[], loop?: BareLoop) => {
    for (const connections of connectionCounts) {
      const cold = connections === connectionCounts[0];
      const whole = { ...options, model, encoding, connections, servers: taking, cold, ...(loop === undefined ? {} : { loop }) };
      const runs = await contest(whole);
      rows.push(...contestRows(whole, runs));
      for (const [name, value] of runs)
        if (!results.has(`${encoding} ${connections} ${name}`)) results.set(`${encoding} ${connections} ${name}`, value);
    }
  };
  const loop = await BareLoop.start(model.file);
  try {
    const ours = await answering(await slipway.start(model));
    const others: StartedServer[] = [];
    for (const rival of rivals.available) if (rival.canPause) others.push(await answering(await rivals.start(rival, model)));
    for (const encoding of ["json", "binary"] as const) {
      const echo = await startEcho(ours, encoding, postOf(input, "oip", encoding), scratch);
      servers.push(echo);
      await hold(encoding, [ours, echo, ...others.filter(({ encodings }) => encodings.includes(encoding))], loop);
    }
    await Promise.all(others.map(({ process }) => process.stop()));
    // One that cannot be paused has the core to itself, but for ours.
    for (const rival of rivals.available)
      if (!rival.canPause) await hold("json", [ours, await answering(await rivals.start(rival, model))]);
  } finally {
    for (const { process } of servers) await process.stop();
    await loop.process.stop();
  }
  return { rows, results };
}

/** P1, P2 and P3 from the results of each model. */
export function throughputGoals(models: ReadonlyMap<string, Throughput>): Goal[] {
  const beside = (model: string, run: string, server: string, of: "rate" | "p50" = "rate") => {
    const [ours, theirs] = ["slipway", server].map((name) => models.get(model)?.get(`${run} ${name}`)?.[of]);
    return ours === undefined || theirs === undefined ? [] : ratios(ours, theirs);
  };
  const rate = (id: string, model: string, run: string, server: string, least: number): Goal => ({
    id,
    what: `${model}, ${run.replace(" ", ", c=")}: rate beside ${server}`,
    least,
    measured: beside(model, run, server),
  });
  return [
    rate("P1", "2ms", "json 16", "onnxruntime loop", 0.9),
    rate("P1", "10ms", "json 16", "onnxruntime loop", 0.96),
    rate("P2", "tiny", "json 64", "node:http echo", 0.6),
    rate("P2", "tiny", "binary 64", "node:http echo", 0.75),
    {
      id: "P2",
      what: "tiny, json, c=1: p50 beside node:http echo",
      most: 2,
      measured: beside("tiny", "json 1", "node:http echo", "p50"),
    },
    rate("P3", "tiny", "json 64", "MLServer", 15),
    rate("P3", "tiny", "json 64", "KServe", 15),
    rate("P3", "tiny", "json 64", "LitServe", 40),
    rate("P3", "tiny", "json 64", "BentoML", 60),
  ];
}
