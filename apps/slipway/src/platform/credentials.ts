import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Instant } from "@slipway/base";
import { issueLoopbackCertificate, type LoopbackCertificate, type User } from "@slipway/http";
import { type HomePaths, replaceFile } from "@slipway/local";
import { stringify } from "yaml";

/** What the control API of one home proves itself with, and asks for. */
export interface Credentials {
  readonly token: string;
  readonly ca: string;
  readonly tls: { readonly cert: string; readonly key: string };
  readonly authenticate: (token: string) => User | undefined;
}

/** A certificate is renewed when it is due within this time. */
const renewMs = 30 * 24 * 3_600_000;

/** Reads the home's token and certificate, making what is missing or due. */
export async function readCredentials(paths: HomePaths, now: Instant): Promise<Credentials> {
  const token = await readOrMake(paths.token, () => randomBytes(32).toString("hex"));
  const { ca, cert, key } = await certificate(paths, now);
  const expected = digest(token);
  const user: User = { name: "slipway-admin", groups: ["system:masters"] };
  return {
    token,
    ca,
    tls: { cert, key },
    authenticate: (given) => (timingSafeEqual(digest(given), expected) ? user : undefined),
  };
}

/** Writes the file that kubectl and the command line reach the API with. */
export async function writeKubeconfig(paths: HomePaths, url: string, { ca, token }: Credentials): Promise<void> {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "slipway",
    clusters: [{ name: "slipway", cluster: { server: url, "certificate-authority-data": Buffer.from(ca).toString("base64") } }],
    users: [{ name: "slipway-admin", user: { token } }],
    contexts: [{ name: "slipway", context: { cluster: "slipway", user: "slipway-admin", namespace: "default" } }],
  };
  await replaceFile(paths.kubeconfig, stringify(config));
}

async function certificate(paths: HomePaths, now: Instant): Promise<LoopbackCertificate> {
  const path = join(paths.tls, "loopback.json");
  const found = await readFile(path, "utf8").then(
    (text) => JSON.parse(text) as LoopbackCertificate,
    () => undefined,
  );
  if (found !== undefined && found.expires - now > renewMs) return found;
  const made = await issueLoopbackCertificate({ now });
  await replaceFile(path, JSON.stringify(made));
  return made;
}

async function readOrMake(path: string, make: () => string): Promise<string> {
  const found = await readFile(path, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
  if (found !== "") return found;
  const made = make();
  await replaceFile(path, `${made}\n`);
  return made;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
