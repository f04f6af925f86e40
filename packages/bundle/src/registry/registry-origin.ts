import type { Repository } from "./image-reference.ts";

/** Docker Hub answers under another name than the one in its references. */
const apiHosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

/**
 * Where a registry's API is. Always HTTPS, but on this very machine and for hosts that the user named as insecure: there is no falling
 * back, which whoever sits between could force.
 */
export function registryOrigin(registry: string, insecure: readonly string[]): string {
  const plain = isLoopback(registry) || insecure.includes(registry);
  return `${plain ? "http" : "https"}://${apiHosts[registry] ?? registry}`;
}

/** The address of something in a repository, e.g. `manifests/latest`. */
export function repositoryUrl(repository: Repository, insecure: readonly string[], path: string): URL {
  return new URL(`${registryOrigin(repository.registry, insecure)}/v2/${repository.name}/${path}`);
}

function isLoopback(registry: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(registry);
}
