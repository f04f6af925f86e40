export { type BundleLimits, defaultBundleLimits } from "./build/bundle-limits.ts";
export {
  type BuildOptions,
  BundleStore,
  type BundleStoreOptions,
  type BundleSummary,
  type OpenOptions,
} from "./layout/bundle-store.ts";
export { imageBundlePath, readImageBundle } from "./layout/read-image-bundle.ts";
export type { Bundle } from "./manifest/bundle.ts";
export type { BundleFile, BundleManifest } from "./manifest/bundle-manifest.ts";
export { type Digest, isDigest, parseDigest } from "./manifest/digest.ts";
export { type ByteSource, bufferBytes } from "./onnx/byte-source.ts";
export { inspectOnnx, type OnnxModel, type OnnxPlace } from "./onnx/inspect-onnx.ts";
