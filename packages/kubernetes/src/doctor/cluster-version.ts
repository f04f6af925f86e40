import type { RestClient } from "../rest/rest-client.ts";

/** The oldest Kubernetes that has all Slipway needs: ValidatingAdmissionPolicies are served from it on. */
export const oldestKubernetes = { major: 1, minor: 30 } as const;

/** The version of a cluster. */
export interface ClusterVersion {
  /** `v1.34.4`. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** Asks an API server for its version. */
export async function readClusterVersion(rest: RestClient, signal?: AbortSignal): Promise<ClusterVersion> {
  const { gitVersion, major, minor } = (await rest.request("GET", "/version", signal === undefined ? {} : { signal })) as {
    readonly gitVersion?: string;
    readonly major?: string;
    readonly minor?: string;
  };
  // Providers write `30+`.
  return {
    text: gitVersion ?? "unknown",
    major: Number.parseInt(major ?? "", 10) || 0,
    minor: Number.parseInt(minor ?? "", 10) || 0,
  };
}

/** Whether a cluster is new enough. */
export function isSupported({ major, minor }: ClusterVersion): boolean {
  return major > oldestKubernetes.major || (major === oldestKubernetes.major && minor >= oldestKubernetes.minor);
}
