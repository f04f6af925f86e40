import type { FieldProblem } from "@slipway/base";
import type { Format } from "@slipway/bundle";
import { llamaParameters, llamaRefusals } from "./llama/llama-settings.ts";
import { onnxOffers } from "./onnx/onnx-offers.ts";
import { onnxRefusals } from "./onnx/onnx-refusals.ts";
import { onnxParameters } from "./onnx/onnx-settings.ts";
import { pythonRefusals } from "./python/python-refusals.ts";
import { pythonParameters } from "./python/python-settings.ts";

/** What of a Model a runner may refuse, found before anything starts. */
export interface RunnerWishes {
  readonly parameters?: Readonly<Record<string, string>>;
  /** The name of the device that each replica is to have, such as nvidia.com/gpu. */
  readonly device?: string;
}

/** See {@link RunnerRow.offers}. */
export interface RunnerOffers {
  readonly operatorSets?: Readonly<Record<string, number>>;
  readonly libraries?: Readonly<Record<string, string>>;
}

/** What is known of a runner without loading it. */
export interface RunnerRow {
  /** What it runs, as a heading of the documentation. */
  readonly title: string;
  /** Its parameters, with what each accepts. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What it gives a bundle's environment contract: the highest operator set of each domain it knows, and versions of what runs the model. Absent: nothing that a contract asks for. */
  readonly offers?: () => Promise<RunnerOffers>;
  /** Every field of a Model that it would refuse; none when it can run. */
  readonly refusals: (wishes: RunnerWishes) => readonly FieldProblem[];
}

/** The runner of each format. The documentation of parameters is made of it, and plan, apply, build and serve refuse by it. */
export const runnerTable: { readonly [Name in Format]: RunnerRow } = {
  onnx: { title: "ONNX models", parameters: onnxParameters, offers: onnxOffers, refusals: onnxRefusals },
  python: { title: "Python models", parameters: pythonParameters, refusals: pythonRefusals },
  llama: { title: "GGUF models", parameters: llamaParameters, refusals: llamaRefusals },
};
