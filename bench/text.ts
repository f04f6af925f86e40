// `npm run bench -- text`: P7. A GGUF model behind the OpenAI API beside bare node-llama-cpp: tokens per second, and the first token.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@slipway/base";
import { tinyLlama } from "@slipway/testkit";
import { llamaRuntime } from "../packages/serve/src/runners/llama/llama-runtime.ts";
import { benchOptions } from "./load/options.ts";
import { PinnedProcess, pin } from "./load/pinned-process.ts";
import { Report } from "./load/report.ts";
import { median, ratios, withRange } from "./load/statistics.ts";
import { SlipwayServers } from "./serving/slipway-server.ts";
import { runBare, runServed, type TextLoad, type TextRun } from "./text/measure-text.ts";

const layers = 200;
const prompt = "loop:";
const firstTokens = 20;
const options = benchOptions("text", ["all"], { seconds: 5 });
const report = new Report({
  name: "text",
  trial: options.trial,
  facts: {
    model: `llama architecture, ${layers} layers, F16, one thread`,
    rounds: options.rounds,
    load: "streams of 128 tokens after a prompt of 6, client on core 0, one server at a time on core 1",
  },
});
pin(0);
const scratch = mkdtempSync(join(tmpdir(), "slipway-bench-"));
const runtimes = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway", "runtimes");
try {
  const folder = join(scratch, "model");
  mkdirSync(folder);
  writeFileSync(join(folder, "model.gguf"), tinyLlama({ layers }));
  const { library } = await llamaRuntime({ folder: runtimes, clock: systemClock, log: silentLog });
  const bare = PinnedProcess.start([
    process.execPath,
    join(import.meta.dirname, "servers", "bare-llama.ts"),
    library,
    join(folder, "model.gguf"),
    "4",
    prompt,
  ]);
  await bare.line();
  const servers = await SlipwayServers.build(join(scratch, "home"));
  const served = await servers.start(
    { name: "text", folder, file: "model.gguf", shape: [] },
    { threads: "1", sequences: "4", contextSize: "512" },
  );
  const model = served.path.split("/")[3]!;
  const both = async (load: TextLoad): Promise<[bare: TextRun, served: TextRun]> => {
    served.process.pause();
    bare.resume();
    const first = await runBare(bare, load);
    bare.pause();
    served.process.resume();
    return [first, await runServed(served.origin, model, prompt, load)];
  };
  await both({ streams: 4, tokens: 32 });
  const rates: [number, number][] = [];
  const firsts: [number, number][] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const [first, second] = await both({ streams: 4, tokens: 128 });
    rates.push([first.rate, second.rate]);
    const times: [number, number][] = [];
    for (let index = 0; index < firstTokens; index += 1) {
      const [a, b] = await both({ streams: 1, tokens: 2 });
      times.push([a.firstMs, b.firstMs]);
    }
    firsts.push([median(times.map(([a]) => a)), median(times.map(([, b]) => b))]);
  }
  const column = (list: readonly [number, number][], index: 0 | 1) => list.map((pair) => pair[index]);
  report.table("4 streams", [
    { server: "bare node-llama-cpp", "tokens/s": withRange(column(rates, 0), 0), "first token ms": withRange(column(firsts, 0)) },
    { server: "slipway", "tokens/s": withRange(column(rates, 1), 0), "first token ms": withRange(column(firsts, 1)) },
  ]);
  await served.process.stop();
  bare.resume();
  await bare.stop();
  report.finish([
    {
      id: "P7",
      what: "tokens/s of 4 streams, of bare node-llama-cpp",
      least: 0.95,
      measured: ratios(column(rates, 1), column(rates, 0)),
    },
    { id: "P7", what: "added time to the first token", most: 5, unit: "ms", measured: firsts.map(([a, b]) => b - a) },
  ]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
