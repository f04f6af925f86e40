import { SlipwayError } from "@slipway/base";
import type { ModelSignature } from "@slipway/protocol";
import type { TextRunner } from "../runners/text-runner.ts";

const text = "hello";

/** Has a model of text work once before anybody is sent to it. Throws `invalid` when a signature of tensors is declared for it, and what the model fails with. */
export async function tryText(runner: TextRunner, { signature }: { readonly signature?: ModelSignature }): Promise<void> {
  if (signature !== undefined)
    throw new SlipwayError("invalid", "A model of text has no tensors, and so no signature.", {
      problems: [{ path: "spec.signature", message: "not for models of text", reason: "FieldValueForbidden" }],
      hint: "Leave spec.signature out.",
    });
  const signal = new AbortController().signal;
  if (runner.facts.task === "embed") {
    await runner.embed([text], signal);
    return;
  }
  const sampling = { temperature: 0, topP: 1, frequencyPenalty: 0, presencePenalty: 0, logitBias: [] };
  const common = { model: "", stream: false, includeUsage: false, stop: [], maxTokens: 1 };
  for await (const _ of runner.generate({ completion: { ...common, sampling, prompt: text } }, signal)) {
    // Only that it answers matters.
  }
}
