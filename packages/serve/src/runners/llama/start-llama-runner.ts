import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromWireError, SlipwayError } from "@slipway/base";
import type { LlamaFacts } from "@slipway/bundle";
import type { RunnerOptions } from "../start-runner.ts";
import type { TextRunner } from "../text-runner.ts";
import { LlamaProcess } from "./llama-process.ts";
import { LlamaRunner } from "./llama-runner.ts";
import { llamaRuntime } from "./llama-runtime.ts";
import { contextSizeFor, llamaSettings } from "./llama-settings.ts";

/** Loads a GGUF model in a process of its own. Throws `invalid` when llama.cpp cannot load it or its chat template does not work, `unavailable` when the runtime cannot be installed. */
export async function startLlamaRunner({
  directory,
  model,
  parameters,
  cpu,
  runtimes,
  queueLimit,
  clock,
  log,
}: RunnerOptions<LlamaFacts>): Promise<TextRunner> {
  const settings = llamaSettings(parameters, cpu);
  if (runtimes === undefined)
    throw new SlipwayError(
      "unavailable",
      "There is no place to install the llama runtime in: neither XDG_CACHE_HOME nor HOME is an absolute path.",
    );
  const { library, templates } = await llamaRuntime({ folder: runtimes, clock, log });
  // The files in the folder beside this one while these are sources; built, all programs are in one folder.
  const sources = extname(import.meta.url) === ".ts";
  const program = (name: string) => new URL(`./${sources ? "worker/" : ""}${name}${extname(import.meta.url)}`, import.meta.url);
  const contextSize = contextSizeFor(settings, model.contextLength);
  const process = new LlamaProcess({
    program: fileURLToPath(program("llama-worker")),
    load: {
      modelFile: join(directory, model.model),
      library,
      templates,
      templateProgram: program("llama-template").href,
      task: model.task,
      contextSize,
      sequences: settings.sequences,
      threads: settings.threads,
    },
    clock,
    log,
  });
  try {
    const loaded = await process.loaded();
    if ("refused" in loaded) throw fromWireError(loaded.refused);
    const facts = {
      task: model.task,
      platform: "llama_gguf",
      contextSize: loaded.contextSize,
      // Embeddings are made one after the other.
      sequences: model.task === "embed" ? 1 : settings.sequences,
      embeddingLength: model.embeddingLength,
    };
    return new LlamaRunner(process, loaded, facts, queueLimit);
  } catch (error) {
    await process.close();
    throw error;
  }
}
