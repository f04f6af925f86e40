import { SlipwayError } from "@slipway/base";
import { inspectGguf } from "../gguf/inspect-gguf.ts";
import type { LlamaFacts, ModelFormat } from "./model-format.ts";

/** GGUF: `model.gguf`, or the only `*.gguf` at the top. */
export const llamaFormat: ModelFormat<LlamaFacts> = {
  expects: "model.gguf, or one file that ends in .gguf",
  detect(paths) {
    const models = paths.filter((path) => !path.includes("/") && /\.gguf$/i.test(path));
    if (models.length === 0) return undefined;
    if (models.includes("model.gguf")) return { main: "model.gguf" };
    if (models.length === 1) return { main: models[0]! };
    return {
      problem: `it has ${models.length} .gguf files (${models.slice(0, 5).join(", ")})`,
      hint: "Name the one to serve model.gguf; join the parts of one with llama-gguf-split --merge.",
    };
  },
  async inspect(directory, main) {
    const sample = [...directory.files.keys()].find((path) => /^samples\/[^/]+\.json$/.test(path));
    if (sample !== undefined)
      throw new SlipwayError("invalid", `${sample}: golden samples are tensors, and a GGUF model takes text.`, {
        hint: "Move the folder samples out of the model directory.",
        problems: [{ path: sample, message: "not for models of text", reason: "FieldValueForbidden" }],
      });
    const model = await directory.withFile(main, (bytes) => inspectGguf(bytes, main));
    return { format: "llama", model: directory.inImage(main), ...model };
  },
  encode: ({ model, architecture, contextLength, embeddingLength, task, chat }) => ({
    model,
    architecture,
    contextLength,
    embeddingLength,
    task,
    chat,
  }),
  decode(facts, existing) {
    return {
      format: "llama",
      model: existing(facts.get("model")),
      architecture: facts.get("architecture").text(),
      contextLength: facts.get("contextLength").size(),
      embeddingLength: facts.get("embeddingLength").size(),
      task: facts.get("task").is("generate", "embed"),
      chat: facts.get("chat").flag(),
    };
  },
};
