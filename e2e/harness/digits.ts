import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./platform.ts";

/** One version's recorded answers from ONNX Runtime in Python, in the order of the held-out images. */
export interface Reference {
  readonly accuracy: number;
  readonly labels: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
}

/** An OIP answer of the digits model. */
export interface DigitsAnswer {
  readonly model_name: string;
  readonly model_version: string;
  readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
}

const folder = join(root, "examples", "digits");

/** Handwritten digits that neither version has seen: 8 × 8 pixels of 0 to 16, row by row, and what they show. */
export const heldOut = JSON.parse(readFileSync(join(folder, "data", "heldout.json"), "utf8")) as {
  readonly images: readonly (readonly number[])[];
  readonly labels: readonly number[];
};

/** What version `v1` or `v2` must answer. */
export function reference(version: "v1" | "v2"): Reference {
  return JSON.parse(readFileSync(join(folder, "reference", `${version}.json`), "utf8")) as Reference;
}

/** The manifest, with the directory of one version, absolute so that it can come from standard input. */
export function manifest(version: "v1" | "v2", edit: (text: string) => string = (text) => text): string {
  const text = readFileSync(join(folder, "model.yaml"), "utf8");
  return edit(text.replace("./v1", join(folder, version)));
}

/** An OIP request for some held-out images. */
export function requestFor(indices: readonly number[]): string {
  const data = indices.flatMap((index) => heldOut.images[index]!);
  return JSON.stringify({ inputs: [{ name: "image", datatype: "FP32", shape: [indices.length, 64], data }] });
}

/** What is wrong with an answer, or undefined: the same labels, probabilities within 1e-5. */
export function wrongAnswer(answer: DigitsAnswer, indices: readonly number[], expected: Reference): string | undefined {
  const output = (name: string) => answer.outputs.find((tensor) => tensor.name === name)?.data ?? [];
  const [labels, probabilities] = [output("label"), output("probabilities")];
  if (labels.length !== indices.length || probabilities.length !== indices.length * 10)
    return `an answer of the wrong size: ${labels.length} labels`;
  for (const [row, index] of indices.entries()) {
    if (labels[row] !== expected.labels[index])
      return `image ${index}: label ${labels[row]}, the reference says ${expected.labels[index]}`;
    for (let digit = 0; digit < 10; digit++) {
      const difference = Math.abs(probabilities[row * 10 + digit]! - expected.probabilities[index]![digit]!);
      if (!(difference <= 1e-5)) return `image ${index}: probability of ${digit} differs from the reference by ${difference}`;
    }
  }
  return undefined;
}
