/** The `sha256:…` part of a bundle reference. */
export function bundleDigest(reference: string): `sha256:${string}` {
  return reference.slice(reference.lastIndexOf("@") + 1) as `sha256:${string}`;
}
