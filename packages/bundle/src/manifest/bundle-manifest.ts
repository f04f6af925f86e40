import type { ModelFacts } from "../formats/model-format.ts";
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

/** What a bundle of any format says about itself, beside the facts of its format. */
export interface BundleCommon {
  /** Digest of the OCI image manifest: the identity of the bundle. */
  readonly digest: Digest;
  /** Paths of the golden samples, sorted, e.g. `model/samples/1.json`. */
  readonly samples: readonly string[];
  /** Every file, sorted by path. */
  readonly files: readonly BundleFile[];
  /** Bytes of all files together. */
  readonly size: number;
  /** The name it was built under, when it was given one. Not part of the digest. */
  readonly name?: string;
}

/** What a bundle says about itself. Everything but `digest` and `name` is content and part of the digest. */
export type BundleManifest = BundleCommon & ModelFacts;
