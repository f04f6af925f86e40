import { type Encoding, inputOf, postOf } from "../load/bodies.ts";
import type { Goal } from "../load/goals.ts";
import { median, ratios } from "../load/statistics.ts";
import type { Row } from "../load/table.ts";
import { type BenchModel, ensureModel } from "../models/models.ts";
import { startEcho, startTcpEcho } from "./bare-servers.ts";
import { contest, contestRows, type Runs } from "./contest.ts";
import type { ServeBench } from "./serve-bench.ts";
import { firstAnswer, type StartedServer } from "./server.ts";

const connections = 4;

/** A tensor of 602 KB, answered with three numbers and with itself; JSON and binary. P5. */
export async function largeTensor(bench: ServeBench): Promise<{ rows: Row[]; goals: Goal[] }> {
  const means = await runModel(await ensureModel("image-means"), bench);
  const identity = await runModel(await ensureModel("image-identity"), bench);
  const ratio = (of: Results, key: "rate" | "bytes", over: string, under: string) => {
    const [top, base] = [of.runs.get(over)?.[key], of.runs.get(under)?.[key]];
    return top === undefined || base === undefined ? [] : ratios(top, base);
  };
  return {
    rows: [...means.rows, ...identity.rows],
    goals: [
      {
        id: "P5",
        what: "602 KB in, 12 bytes out: binary rate beside JSON",
        least: 50,
        measured: ratio(means, "rate", "binary slipway", "json slipway"),
      },
      {
        id: "P5",
        what: "602 KB in and out: binary rate beside JSON",
        least: 50,
        measured: ratio(identity, "rate", "binary slipway", "json slipway"),
      },
      {
        id: "P5",
        what: "602 KB in and out: bytes/s beside a raw TCP echo",
        least: 0.5,
        measured: ratio(identity, "bytes", "binary slipway", "binary TCP echo"),
      },
    ],
  };
}

function megabytes(bytesPerSecond: readonly number[]): string {
  return (median(bytesPerSecond) / 1e6).toFixed(1);
}

interface Results {
  readonly rows: Row[];
  /** By encoding and server. */
  readonly runs: ReadonlyMap<string, Runs>;
}

async function runModel(model: BenchModel, { options, slipway, rivals, scratch }: ServeBench): Promise<Results> {
  const input = inputOf(model.shape);
  const rows: Row[] = [];
  const runs = new Map<string, Runs>();
  const servers: StartedServer[] = [await slipway.start(model)];
  try {
    for (const rival of rivals.available) if (rival.encodings.includes("binary")) servers.push(await rivals.start(rival, model));
    for (const server of servers) await firstAnswer(server, postOf(input, server.form, "json"));
    const measured = [...servers];
    if (model.name === "image-identity") servers.push(await startTcpEcho());
    const echoes = [];
    for (const encoding of ["json", "binary"] as Encoding[])
      echoes.push(await startEcho(servers[0]!, encoding, postOf(input, "oip", encoding), scratch));
    const tcp = servers.slice(measured.length);
    servers.push(...echoes);
    for (const [index, encoding] of (["json", "binary"] as const).entries()) {
      const taking = [...measured, echoes[index]!, ...(encoding === "binary" ? tcp : [])];
      const whole = { ...options, model, encoding, connections, servers: taking, cold: true };
      const results = await contest(whole);
      for (const [name, one] of results) runs.set(`${encoding} ${name}`, one);
      const answers = [...results.values()];
      rows.push(
        ...contestRows(whole, results).map((row, line) => ({
          ...row,
          "MB/s out": megabytes(answers[line]!.bytes),
        })),
      );
    }
  } finally {
    for (const { process } of servers) await process.stop();
  }
  return { rows, runs };
}
