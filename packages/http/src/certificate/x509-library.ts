type X509Library = typeof import("@peculiar/x509");

/** The library of certificates; loaded when needed, because every process that serves HTTP imports this package, and few issue certificates. */
export async function x509Library(): Promise<X509Library> {
  // The library's dependency injection looks for this polyfill when it is loaded.
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
