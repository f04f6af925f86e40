import type { Signature } from "@slipway/spec";
import type { FoundFile } from "../build/scan-directory.ts";
import type { GgufModel } from "../gguf/inspect-gguf.ts";
import type { Decoder } from "../manifest/decode.ts";
import type { ByteSource } from "../onnx/byte-source.ts";

/** What the bundle of an ONNX model says about it. */
export interface OnnxFacts {
  readonly format: "onnx";
  /** Path of the model file, e.g. `model/model.onnx`. */
  readonly model: string;
  /** Operator set version by domain (`ai.onnx` for the default one). */
  readonly opsets: Readonly<Record<string, number>>;
  /** Inputs and outputs read from the model file. */
  readonly signature: Signature;
}

/** What a Python model runs in: everything is in the bundle but the interpreter. */
export interface PythonEnvironment {
  /** Minor version of Python that the packages were installed for, e.g. `3.11`. */
  readonly python: string;
  /** The platform they were installed for, e.g. `linux/amd64`. */
  readonly platform: string;
  /** Path of the lock: every package with its version and hashes. The packages lie in the folder `site` beside it. */
  readonly lock: string;
}

/** Handlers of ours, for models of known libraries that come without code. */
export type PythonHandler = "sklearn" | "xgboost" | "lightgbm";

/** What the bundle of a Python model says about it. */
export interface PythonFacts {
  readonly format: "python";
  /** Path of the file with the class `Model`, e.g. `model/model.py`; with a {@link handler}, of the model it loads. */
  readonly entry: string;
  /** The handler of ours that serves the model; without one the entry is a handler itself. */
  readonly handler?: PythonHandler;
  readonly environment: PythonEnvironment;
  /** What the golden samples show; type hints, which only running it tells, come before it. */
  readonly signature?: Signature;
}

/** What the bundle of a GGUF model says about it. */
export interface LlamaFacts extends GgufModel {
  readonly format: "llama";
  /** Path of the model file, e.g. `model/model.gguf`. */
  readonly model: string;
  /** A model of text has no tensors that anybody sends. */
  readonly signature?: undefined;
}

/** The facts of each format. A new format adds its row here, in `formats.ts`, and in the runner table of `serve`. */
export interface FactsByFormat {
  readonly onnx: OnnxFacts;
  readonly python: PythonFacts;
  readonly llama: LlamaFacts;
}

/** The name of a format. */
export type Format = keyof FactsByFormat;

/** What a bundle says about its model, by `format`. */
export type ModelFacts = FactsByFormat[Format];

/** What a directory's file names say: the path of the file that makes it a model of a format, or, as a whole sentence, why there is not one such file. */
export type Detection = { readonly main: string } | { readonly problem: string; readonly hint: string };

/** A model directory whose files are read and will not change any more. Paths are relative to it, with slashes. */
export interface StagedDirectory {
  /** Bytes of every file. */
  readonly files: ReadonlyMap<string, number>;
  /** Hands over the bytes of one file, until `use` is done. */
  withFile<T>(path: string, use: (bytes: ByteSource) => T | Promise<T>): Promise<T>;
  /** One whole file; throws `tooLarge` above `limitBytes`. */
  read(path: string, limitBytes: number): Promise<Buffer>;
  /** Where a file lies in the image and in the bundle's list of files. */
  inImage(path: string): string;
}

/** A model directory before its files are staged. */
export type FoundDirectory = Omit<StagedDirectory, "withFile">;

/** What {@link ModelFormat.prepare} works with. */
export interface PrepareTools {
  /** A folder for what is kept between builds. */
  readonly cache: string;
  /** An empty folder of its own. */
  readonly work: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a model needs beside its own files. */
export interface Prepared<Facts> {
  /** Files of the environment, by path in it; they come to lie under `env/`. */
  readonly files: readonly FoundFile[];
  readonly facts: Facts;
}

/** How a format is recognised, looked into and written down. */
export interface ModelFormat<Facts extends ModelFacts = ModelFacts> {
  /** What one puts into a directory to make it a model of this format, e.g. `model.onnx`. */
  readonly expects: string;
  /** By file names alone; undefined when nothing looks like this format. */
  detect(paths: readonly string[]): Detection | undefined;
  /** Makes what the model needs beside its own files: an environment in a layer of its own. Throws `invalid` when it cannot be made. */
  prepare?(directory: FoundDirectory, main: string, tools: PrepareTools): Promise<Prepared<Facts>>;
  /** Reads the facts without running anything of the model. Throws `invalid` with every problem. */
  inspect(directory: StagedDirectory, main: string, prepared?: Facts): Promise<Facts>;
  /** The facts in the one order in which they are written; `format` is written by the caller. */
  encode(facts: Facts): Readonly<Record<string, unknown>>;
  /** Reads what {@link encode} wrote; `existing` gives a path and demands that the bundle has that file. */
  decode(facts: Decoder, existing: (path: Decoder) => string): Facts;
}
