import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SlipwayError } from "@slipway/base";
import type { CredentialProgram } from "./cluster-access.ts";
import { readSource } from "./read-source.ts";

/** A program that asks somebody something has no terminal here, and must not hold up a call for ever. */
const longestMs = 60_000;

/** What a program said: a token, and until when it is good; without a time it is good for this connection. */
export interface ProgramToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** Runs a credential program in this environment. Throws `unauthenticated` when it fails or gives no token. */
export async function runCredentialProgram(
  program: CredentialProgram,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ProgramToken> {
  const { command, args, apiVersion, cluster } = program;
  const spec = { interactive: false, ...(cluster && { cluster: await clusterInfo(cluster) }) };
  const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec });
  const env = { ...environment, ...program.env, KUBERNETES_EXEC_INFO: info };
  const refuse = (why: string, cause?: unknown) =>
    new SlipwayError("unauthenticated", `The kubeconfig's credential program ${command} ${why}.`, {
      hint: "Log in with your provider's own tool, and try `kubectl version`.",
      cause,
    });
  let text: string;
  try {
    text = (await promisify(execFile)(command, [...args], { env, timeout: longestMs, maxBuffer: 1024 * 1024 })).stdout;
  } catch (caught) {
    throw refuse("failed", caught);
  }
  let status: { token?: unknown; expirationTimestamp?: unknown } | undefined;
  try {
    status = (JSON.parse(text) as { status?: typeof status }).status;
  } catch (caught) {
    throw refuse("did not print an ExecCredential", caught);
  }
  const { token, expirationTimestamp } = status ?? {};
  if (typeof token !== "string" || token === "") throw refuse("gave no token");
  return { token, ...(typeof expirationTimestamp === "string" ? { expiresAt: Date.parse(expirationTimestamp) } : {}) };
}

async function clusterInfo({ server, ca }: NonNullable<CredentialProgram["cluster"]>) {
  if (ca === undefined) return { server };
  return { server, "certificate-authority-data": Buffer.from(await readSource(ca)).toString("base64") };
}
