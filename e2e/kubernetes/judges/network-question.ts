import assert from "node:assert/strict";
import type { KubernetesObject } from "@slipway/kubernetes";
import { run } from "../../harness/platform.ts";

/** A pod, or an address outside the cluster when it has no namespace. */
export interface Peer {
  readonly ip: string;
  readonly namespace?: string;
  readonly podLabels?: Readonly<Record<string, string>>;
}

/** A port of one protocol. */
export interface Port {
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
}

/** One peer that opens a connection to another. */
export interface Attempt extends Port {
  readonly from: string;
  readonly to: string;
}

/** Which attempts the policies allow, by cyclonus' matcher. */
export async function allowedAttempts(
  program: string,
  policies: readonly KubernetesObject[],
  peers: Readonly<Record<string, Peer>>,
  attempts: readonly Attempt[],
): Promise<Attempt[]> {
  const question = {
    policies,
    peers: Object.fromEntries(
      Object.entries(peers).map(([name, peer]) => [
        name,
        { ...peer, ...(peer.namespace && { namespaceLabels: { "kubernetes.io/metadata.name": peer.namespace } }) },
      ]),
    ),
    attempts: attempts.map((attempt) => ({ ...attempt, portName: "" })),
  };
  const { code, stdout, stderr } = await run(program, [], { input: JSON.stringify(question) });
  assert.equal(code, 0, stderr);
  const verdicts = JSON.parse(stdout) as boolean[];
  assert.equal(verdicts.length, attempts.length);
  return attempts.filter((_, index) => verdicts[index]);
}
