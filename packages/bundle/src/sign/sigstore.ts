// What of Sigstore's libraries is used, in one module that is loaded when it is needed. They are CommonJS, and the published bundle gives
// names of such modules only to static imports.
export { bundleFromJSON, bundleToJSON, toDSSEBundle } from "@sigstore/bundle";
export { dsse } from "@sigstore/core";
export { TrustedRoot } from "@sigstore/protobuf-specs";
export { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
