// Bare node-llama-cpp in one process: for each line {"streams", "tokens"} on stdin, a line {"rate", "firstMs"} on stdout.
import { createInterface } from "node:readline";
import type { LlamaLibrary } from "../../packages/serve/src/runners/llama/worker/llama-binding.ts";

const [library = "", modelFile = "", sequences = "4", prompt = ""] = process.argv.slice(2);
const { getLlama } = (await import(library)) as LlamaLibrary;
const llama = await getLlama({
  gpu: false,
  build: "never",
  skipDownload: true,
  progressLogs: false,
  maxThreads: 4,
  logLevel: "warn",
  logger: (_, text) => process.stderr.write(text),
});
const model = await llama.loadModel({ modelPath: modelFile, gpuLayers: 0 });
const context = await model.createContext({ contextSize: 512, sequences: Number(sequences), batchSize: 512, threads: 1 });
const idle = Array.from({ length: Number(sequences) }, () => context.getSequence());
process.stdout.write("ready\n");

for await (const line of createInterface({ input: process.stdin })) {
  const { streams, tokens } = JSON.parse(line) as { streams: number; tokens: number };
  const began = performance.now();
  const firsts = await Promise.all(idle.slice(0, streams).map((sequence) => generate(sequence, tokens, began)));
  const seconds = (performance.now() - began) / 1_000;
  process.stdout.write(`${JSON.stringify({ rate: (streams * tokens) / seconds, firstMs: Math.min(...firsts) })}\n`);
}

/** Milliseconds until the first token. */
async function generate(sequence: (typeof idle)[number], tokens: number, began: number): Promise<number> {
  let first = 0;
  let made = 0;
  const input = [model.tokens.bos!, ...model.tokenize(prompt, false)];
  for await (const token of sequence.evaluate(input, { temperature: 0, topK: 0, topP: 1 })) {
    model.detokenize([token], false);
    if (made === 0) first = performance.now() - began;
    made += 1;
    if (made === tokens) break;
  }
  await sequence.clearHistory();
  return first;
}
