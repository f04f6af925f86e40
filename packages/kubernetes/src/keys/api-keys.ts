import { createHash, randomBytes } from "node:crypto";
import { SlipwayError } from "@slipway/base";
import { dnsLabelProblem, longestModelName } from "@slipway/spec";
import type { ClusterObjects, LiveObject } from "../cluster/cluster-objects.ts";
import { ownLabels } from "../objects/labels.ts";
import { systemSecrets } from "../objects/names.ts";

/** What is kept of an API key: never the key. */
export interface StoredApiKey {
  /** SHA-256 of the whole key, in hexadecimal digits. */
  readonly sha256: string;
  /** What it is good for: `NAMESPACE/MODEL`, or `NAMESPACE/*`; absent = every Model. */
  readonly models?: readonly string[];
  /** When it was made, RFC 3339. */
  readonly created?: string;
}

interface Secret extends LiveObject {
  readonly data?: Readonly<Record<string, string>>;
}

const manager = "slipway-key";
const reference = (namespace: string) =>
  ({ apiVersion: "v1", kind: "Secret", metadata: { name: systemSecrets.apiKeys, namespace } }) as const;

/** The API keys of an installation, by name. */
export async function listApiKeys(objects: ClusterObjects, namespace: string): Promise<ReadonlyMap<string, StoredApiKey>> {
  return keysIn(await objects.get<Secret>(reference(namespace)));
}

/** Makes an API key and gives it; nobody can read it again. Throws `alreadyExists` when one has the name, `invalid` when the name or a Model's is none. */
export async function createApiKey(
  objects: ClusterObjects,
  namespace: string,
  { name, models }: { readonly name: string; readonly models?: readonly string[] },
): Promise<string> {
  const problem = dnsLabelProblem(name);
  if (problem !== undefined) throw new SlipwayError("invalid", `${JSON.stringify(name)} is not a name for a key: ${problem}.`);
  for (const model of models ?? []) checkModel(model);
  const key = `slw_${name}_${randomBytes(32).toString("hex")}`;
  const stored: StoredApiKey = {
    sha256: createHash("sha256").update(key).digest("hex"),
    ...(models === undefined ? {} : { models }),
    created: new Date(objects.clock.now()).toISOString(),
  };
  await change(objects, namespace, (keys) => {
    if (!keys.has(name)) return { [name]: Buffer.from(JSON.stringify(stored)).toString("base64") };
    throw new SlipwayError("alreadyExists", `There is a key ${name} already.`, {
      hint: `Give another name, or end that one first: \`slipway key revoke ${name}\`.`,
    });
  });
  return key;
}

/** Ends an API key. Throws `notFound` when none has the name. */
export async function revokeApiKey(objects: ClusterObjects, namespace: string, name: string): Promise<void> {
  await change(objects, namespace, (keys) => {
    if (keys.has(name)) return { [name]: null };
    throw new SlipwayError("notFound", `There is no key ${JSON.stringify(name)}.`, {
      hint: keys.size === 0 ? "There are none at all." : `There are ${[...keys.keys()].join(", ")}.`,
    });
  });
}

/** Changes entries of the Secret as it was read; when somebody else was faster, once more. */
async function change(
  objects: ClusterObjects,
  namespace: string,
  edit: (keys: ReadonlyMap<string, StoredApiKey>) => Readonly<Record<string, string | null>>,
): Promise<void> {
  const secret = reference(namespace);
  for (;;) {
    const found = await objects.get<Secret>(secret);
    const data = edit(keysIn(found));
    try {
      if (found === undefined) {
        await objects.create({ ...secret, metadata: { ...secret.metadata, labels: ownLabels }, type: "Opaque", data }, manager);
      } else await objects.patch(secret, { metadata: { resourceVersion: found.metadata.resourceVersion }, data }, manager);
      return;
    } catch (caught) {
      const { code } = SlipwayError.from(caught);
      if (code !== "conflict" && code !== "alreadyExists" && code !== "notFound") throw caught;
      if (code === "notFound" && found === undefined) throw caught;
    }
  }
}

function keysIn(secret: Secret | undefined): Map<string, StoredApiKey> {
  const entries = Object.entries(secret?.data ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return new Map(entries.map(([name, value]) => [name, parsed(value)]));
}

/** What somebody wrote by hand and is no entry counts as a key that opens nothing. */
function parsed(value: string): StoredApiKey {
  try {
    const entry = JSON.parse(Buffer.from(value, "base64").toString("utf8")) as Partial<StoredApiKey> | null;
    return { ...entry, sha256: String(entry?.sha256 ?? "") };
  } catch {
    return { sha256: "" };
  }
}

function checkModel(text: string): void {
  const [namespace = "", model = "", ...more] = text.split("/");
  const problem =
    more.length > 0 || !text.includes("/")
      ? "expected NAMESPACE/MODEL, or NAMESPACE/* for every Model of a namespace"
      : (dnsLabelProblem(namespace) ?? (model === "*" ? undefined : dnsLabelProblem(model, longestModelName)));
  if (problem !== undefined) throw new SlipwayError("invalid", `${JSON.stringify(text)} does not name a Model: ${problem}.`);
}
