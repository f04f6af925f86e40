import type { Signature } from "@slipway/spec";
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

/** The facts of each format. A new format adds its row here, in `formats.ts`, and in the runner table of `serve`. */
export interface FactsByFormat {
  readonly onnx: OnnxFacts;
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
  /** Where a file lies in the image and in the bundle's list of files. */
  inImage(path: string): string;
}

/** How a format is recognised, looked into and written down. */
export interface ModelFormat<Facts extends ModelFacts = ModelFacts> {
  /** What one puts into a directory to make it a model of this format, e.g. `model.onnx`. */
  readonly expects: string;
  /** By file names alone; undefined when nothing looks like this format. */
  detect(paths: readonly string[]): Detection | undefined;
  /** Reads the facts without running anything of the model. Throws `invalid` with every problem. */
  inspect(directory: StagedDirectory, main: string): Promise<Facts>;
  /** The facts in the one order in which they are written; `format` is written by the caller. */
  encode(facts: Facts): Readonly<Record<string, unknown>>;
  /** Reads what {@link encode} wrote; `existing` gives a path and demands that the bundle has that file. */
  decode(facts: Decoder, existing: (path: Decoder) => string): Facts;
}
