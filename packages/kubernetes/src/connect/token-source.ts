import type { Clock } from "@slipway/base";
import type { Credential } from "./cluster-access.ts";
import { readSource } from "./read-source.ts";
import { runCredentialProgram } from "./run-credential-program.ts";

/** Kubelet replaces a pod's token about every 50 minutes; the file is read again this often. */
const rereadMs = 60_000;

/** A program's token is asked for anew this long before it ends. */
const marginMs = 60_000;

/** The bearer token to send now; undefined for a credential that is no token. Tokens that end are renewed. */
export function tokenSource(
  credential: Credential,
  { clock, environment }: { clock: Clock; environment: Readonly<Record<string, string | undefined>> },
): () => Promise<string | undefined> {
  if (credential.type === "none" || credential.type === "certificate") return async () => undefined;
  let held: { readonly token: Promise<string>; until: number } | undefined;
  return () => {
    if (held !== undefined && clock.now() < held.until) return held.token;
    const entry: NonNullable<typeof held> = { token: Promise.resolve(""), until: Number.POSITIVE_INFINITY };
    const token = (async () => {
      if (credential.type === "token") {
        entry.until = clock.now() + rereadMs;
        return (await readSource(credential.token)).trim();
      }
      const { token, expiresAt } = await runCredentialProgram(credential.program, environment);
      if (expiresAt !== undefined) entry.until = expiresAt - marginMs;
      return token;
    })();
    held = Object.assign(entry, { token });
    // What failed is tried again with the next call.
    token.catch(() => {
      entry.until = 0;
    });
    return token;
  };
}
