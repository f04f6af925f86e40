import type { PinnedProcess } from "../load/pinned-process.ts";

/** What one run gave: tokens per second of all streams together, and milliseconds until the first token of the first stream. */
export interface TextRun {
  readonly rate: number;
  readonly firstMs: number;
}

/** How much a run asks for. */
export interface TextLoad {
  readonly streams: number;
  readonly tokens: number;
}

/** A run of bare node-llama-cpp, asked for on the standard input of its process. */
export async function runBare(bare: PinnedProcess, load: TextLoad): Promise<TextRun> {
  return JSON.parse(await bare.ask(JSON.stringify(load))) as TextRun;
}

/** The same through the OpenAI API, each request a stream. Throws when an answer is not as long as it was asked to be. */
export async function runServed(url: string, model: string, prompt: string, { streams, tokens }: TextLoad): Promise<TextRun> {
  const began = performance.now();
  const firsts = await Promise.all(
    Array.from({ length: streams }, () => stream(url, { model, prompt, max_tokens: tokens }, began)),
  );
  const seconds = (performance.now() - began) / 1_000;
  return { rate: (streams * tokens) / seconds, firstMs: Math.min(...firsts) };
}

async function stream(
  url: string,
  request: { readonly model: string; readonly prompt: string; readonly max_tokens: number },
  began: number,
): Promise<number> {
  const body = JSON.stringify({ ...request, temperature: 0, stream: true, stream_options: { include_usage: true } });
  const response = await fetch(`${url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  let first = 0;
  let text = "";
  for await (const piece of response.body!) {
    if (first === 0) first = performance.now() - began;
    text += Buffer.from(piece).toString();
  }
  if (!text.includes(`"completion_tokens":${request.max_tokens}`)) throw new Error(`an answer was cut off:\n${text.slice(-500)}`);
  return first;
}
