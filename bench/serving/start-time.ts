import { inputOf, postOf } from "../load/bodies.ts";
import type { Goal } from "../load/goals.ts";
import { ratios, withRange } from "../load/statistics.ts";
import type { Row } from "../load/table.ts";
import { ensureModel } from "../models/models.ts";
import { startMinimal } from "./bare-servers.ts";
import type { ServeBench } from "./serve-bench.ts";
import { firstAnswer, type StartedServer } from "./server.ts";

/** From the start of the process to the first answer, with the tiny model; files are in the page cache, as after the first start of many. P16 and P18. */
export async function startTimes({ options, slipway, rivals }: ServeBench): Promise<{ rows: Row[]; goals: Goal[] }> {
  const model = await ensureModel("tiny");
  const input = inputOf(model.shape);
  const starts: { name: string; start: () => Promise<StartedServer> }[] = [
    { name: "slipway", start: () => slipway.start(model) },
    { name: "minimal script", start: () => startMinimal(model) },
    ...rivals.available.map((rival) => ({ name: rival.name, start: () => rivals.start(rival, model) })),
  ];
  const times = new Map<string, number[]>(starts.map(({ name }) => [name, []]));
  for (let round = -1; round < options.rounds; round += 1) {
    for (const { name, start } of starts) {
      const server = await start();
      try {
        const ms = await firstAnswer(server, postOf(input, server.form, "json"));
        if (round >= 0) times.get(name)!.push(ms);
      } finally {
        await server.process.stop();
      }
    }
  }
  const ours = times.get("slipway")!;
  const goals: Goal[] = [
    {
      id: "P16",
      what: "first answer from zero: beyond 1.25 × the minimal script",
      most: 20,
      unit: "ms",
      measured: ours.map((ms, round) => ms - 1.25 * times.get("minimal script")![round]!),
    },
    ...["MLServer", "LitServe", "BentoML"].map((name) => ({
      id: "P18",
      what: `start to first answer: ${name}'s time in ours`,
      least: 4,
      measured: ratios(times.get(name) ?? [], ours),
    })),
  ];
  const rows = [...times].map(([server, ms]) => ({
    server,
    "first answer ms": withRange(ms, 0),
    "in slipway's": withRange(ratios(ms, ours)),
  }));
  return { rows, goals };
}
