import type { Signature } from "@slipway/spec";
import type { Digest } from "./digest.ts";

/** One file of a bundle. */
export interface BundleFile {
  /** Path inside the image, without a leading slash, e.g. `model/model.onnx`. */
  readonly path: string;
  /** Digest of the file's bytes. */
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What a bundle says about itself. Everything but `digest` and `name` is content and part of the digest. */
export interface BundleManifest {
  /** Digest of the OCI image manifest: the identity of the bundle. */
  readonly digest: Digest;
  readonly format: "onnx";
  /** Path of the model file, e.g. `model/model.onnx`. */
  readonly model: string;
  /** Inputs and outputs read from the model file. */
  readonly signature: Signature;
  /** Operator set version by domain (`ai.onnx` for the default one). */
  readonly opsets: Readonly<Record<string, number>>;
  /** Paths of the golden samples, sorted, e.g. `model/samples/1.json`. */
  readonly samples: readonly string[];
  /** Every file, sorted by path. */
  readonly files: readonly BundleFile[];
  /** Bytes of all files together. */
  readonly size: number;
  /** The name it was built under, when it was given one. Not part of the digest. */
  readonly name?: string;
}
