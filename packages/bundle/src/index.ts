export { type BundleLimits, defaultBundleLimits } from "./build/bundle-limits.ts";
export {
  type Contract,
  type ContractDifference,
  type ContractNeeds,
  contractDifferences,
  contractLimit,
  decodeContract,
  demandContract,
  differenceText,
  encodeContract,
  type Machine,
} from "./contract/contract.ts";
export { deriveNeeds } from "./contract/derive-needs.ts";
export { readMachine } from "./contract/read-machine.ts";
export { documentBundle } from "./documents/document-bundle.ts";
export { type LicenceChoice, licenceText } from "./documents/licence-choice.ts";
export type { BuildFacts, Provenance, SourceFacts } from "./documents/provenance.ts";
export { licenceList, type Sbom, type SbomComponent } from "./documents/sbom-document.ts";
export type {
  FactsByFormat,
  Format,
  LlamaFacts,
  ModelFacts,
  OnnxFacts,
  PythonEnvironment,
  PythonFacts,
} from "./formats/model-format.ts";
export { type GgufModel, inspectGguf } from "./gguf/inspect-gguf.ts";
export { type Architecture, allArchitectures, architectures } from "./image/architecture.ts";
export { type FoundBundle, findBundle } from "./image/bundle-origin.ts";
export type { ProgramCheck } from "./image/check-programs.ts";
export { type Copied, copyReference } from "./image/copy-reference.ts";
export { type DebianFiles, type DebianOptions, debianFiles, withFolders } from "./image/debian-files.ts";
export { composeImage, composeRelease, type Image, type ImageLayer, type ImageRun, type Release } from "./image/image.ts";
export { readLayoutDirectory, writeLayoutDirectory } from "./image/layout-directory.ts";
export { type BundleBlobs, bundleFacts, bundleLabel, modelImage } from "./image/model-image.ts";
export { packLayer } from "./image/pack-layer.ts";
export { pushBundle } from "./image/push-bundle.ts";
export { type Progress, type PushCount, pushRelease } from "./image/push-release.ts";
export { type ReleaseSource, readRelease, registrySource } from "./image/read-release.ts";
export {
  demandRunnable,
  type RuntimeBase,
  type RuntimeImage,
  type RuntimeParts,
  runtimeCommand,
  runtimeImage,
} from "./image/runtime-image.ts";
export type { TarEntry } from "./image/tar-archive.ts";
export { unpackNpmPackage } from "./image/unpack-npm-package.ts";
export {
  type BuildOptions,
  BundleStore,
  type BundleStoreOptions,
  type BundleSummary,
  type OpenOptions,
  type ReceiveOptions,
} from "./layout/bundle-store.ts";
export { imageBundlePath, readImageBundle } from "./layout/read-image-bundle.ts";
export type { BundleOrigin } from "./layout/receive-bundle.ts";
export type { Bundle } from "./manifest/bundle.ts";
export type { BundleFile, BundleManifest } from "./manifest/bundle-manifest.ts";
export { type Digest, isDigest, parseDigest } from "./manifest/digest.ts";
export { type ByteSource, bufferBytes } from "./onnx/byte-source.ts";
export { inspectOnnx, type OnnxModel, type OnnxPlace } from "./onnx/inspect-onnx.ts";
export { findPython, type Interpreter } from "./python/find-python.ts";
export { openUv, uvVersion } from "./python/open-uv.ts";
export { type PythonPlatform, targetPlatform } from "./python/target-platform.ts";
export { type Referrer, type ReferrerKind, referrerTypes } from "./referrers/referrer.ts";
export type { ReferrerStore } from "./referrers/referrer-store.ts";
export { pullReferrers, pushReferrers } from "./referrers/registry-referrers.ts";
export type { BlobSource } from "./registry/blob-source.ts";
export { anonymous, type Credential, type Credentials } from "./registry/credentials.ts";
export { dockerCredentials } from "./registry/docker-credentials.ts";
export {
  type ImageReference,
  parseReference,
  type Repository,
  referenceText,
} from "./registry/image-reference.ts";
export { type Document, RegistryClient, type RegistryOptions } from "./registry/registry-client.ts";
export type { Proxies } from "./registry/wire.ts";
export { keyHintOf, readSigningKey, signBundle } from "./sign/sign-bundle.ts";
export { type SignatureVerifier, signatureLimit, signatureVerifier } from "./sign/signature-verifier.ts";
export { type JudgedBundle, type TrustJudge, trustJudge } from "./sign/trust-judge.ts";
export { readPublicKey, readTrustPolicy, type Signer, type TrustPolicy, type TrustRule } from "./sign/trust-policy.ts";
export { fetchFiles } from "./sources/fetch-files.ts";
export type { HubAccess } from "./sources/hf-files.ts";
export { type FileSource, listSource, type SourceAccess, sourceKey } from "./sources/list-source.ts";
export type { MlflowAccess } from "./sources/mlflow-files.ts";
export type { RemoteFile, RemoteModel } from "./sources/remote-files.ts";
export type { S3Access } from "./sources/s3-files.ts";
export { SourceClient } from "./sources/source-client.ts";
export { isSourceUri, parseSourceUri, type SourceUri } from "./sources/source-uri.ts";
