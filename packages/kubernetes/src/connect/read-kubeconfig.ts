import { isAbsolute, join } from "node:path";
import { SlipwayError } from "@slipway/base";
import { parse } from "yaml";
import type { ClusterAccess, Credential, Source } from "./cluster-access.ts";

/** A kubeconfig's text and the absolute directory that relative paths in it start from. */
export interface KubeconfigFile {
  readonly text: string;
  readonly directory: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that change who calls or how, and that are not supported: to leave them out silently would be to call as somebody else. */
const refused = ["auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra", "proxy-url"];

/** What a context of these files says, the current one if none is named. Where files name the same thing, the first wins, as with kubectl. Throws `invalid` or `notFound`. */
export function readKubeconfig(files: readonly KubeconfigFile[], options: { readonly context?: string } = {}): ClusterAccess {
  const configs = files.map(({ text, directory }) => ({ config: parsed(text), directory }));
  const name = contextName(files, options.context);
  const find = (list: string, key: string, name: unknown) => {
    for (const { config, directory } of configs) {
      const entry = entriesOf(config, list).find((each) => each.name === name);
      if (entry !== undefined) return { entry: fields(entry[key]), directory };
    }
    throw new SlipwayError("notFound", `The kubeconfig has no ${key} ${JSON.stringify(name)}.`, {
      hint: "See what it has: `kubectl config view`.",
    });
  };
  const context = find("contexts", "context", name).entry;
  const cluster = find("clusters", "cluster", context.cluster);
  const user =
    context.user === undefined || context.user === "" ? { entry: {}, directory: "" } : find("users", "user", context.user);
  for (const field of refused) {
    if (!(field in cluster.entry) && !(field in user.entry)) continue;
    throw new SlipwayError("unimplemented", `The kubeconfig's context ${name} needs "${field}", which is not supported.`, {
      hint: "Use a token, a client certificate or a credential program.",
    });
  }
  const { server } = cluster.entry;
  if (typeof server !== "string" || !/^https?:\/\//.test(server)) {
    throw new SlipwayError("invalid", `The kubeconfig's cluster ${String(context.cluster)} has no server address.`);
  }
  const ca = sourceOf(cluster, "certificate-authority");
  const serverName = cluster.entry["tls-server-name"];
  return {
    server: server.replace(/\/+$/, ""),
    ...(ca && { ca }),
    ...(typeof serverName === "string" ? { serverName } : {}),
    ...(cluster.entry["insecure-skip-tls-verify"] === true ? { insecure: true } : {}),
    ...(typeof context.namespace === "string" && context.namespace !== "" ? { namespace: context.namespace } : {}),
    credential: credentialOf(user, { server, ...(ca && { ca }) }),
  };
}

/** The context that is meant: the one named, else the current one. Throws `notFound` with those there are, `invalid` when none is current. */
export function contextName(files: readonly KubeconfigFile[], name?: string): string {
  const configs = files.map(({ text }) => parsed(text));
  const current = configs.map((config) => config["current-context"]).find((each) => typeof each === "string" && each !== "");
  const chosen = name ?? current;
  if (typeof chosen !== "string")
    throw new SlipwayError("invalid", "The kubeconfig has no current context.", { hint: "Name one with --context." });
  const names = [...new Set(configs.flatMap((config) => entriesOf(config, "contexts").map((entry) => String(entry.name))))];
  if (names.includes(chosen)) return chosen;
  throw new SlipwayError("notFound", `The kubeconfig has no context ${JSON.stringify(chosen)}.`, {
    hint: names.length === 0 ? "It has none at all." : `It has ${names.join(", ")}.`,
  });
}

function entriesOf(config: Fields, list: string): Fields[] {
  return Array.isArray(config[list]) ? (config[list] as unknown[]).map(fields) : [];
}

interface Entry {
  readonly entry: Fields;
  readonly directory: string;
}

function credentialOf(user: Entry, cluster: { readonly server: string; readonly ca?: Source }): Credential {
  const { token, tokenFile, exec } = user.entry;
  const certificate = sourceOf(user, "client-certificate");
  const key = sourceOf(user, "client-key");
  if (certificate !== undefined && key !== undefined) return { type: "certificate", certificate, key };
  if (typeof tokenFile === "string") return { type: "token", token: { path: absolute(tokenFile, user.directory) } };
  if (typeof token === "string") return { type: "token", token: { text: token } };
  if (exec === undefined) return { type: "none" };
  const { apiVersion, command, args, env, provideClusterInfo } = fields(exec);
  if (typeof apiVersion !== "string" || typeof command !== "string")
    throw new SlipwayError("invalid", "The kubeconfig's credential program has no apiVersion or no command.");
  return {
    type: "program",
    program: {
      apiVersion,
      // A path is relative to the file; a bare name is looked for on the PATH.
      command: command.includes("/") ? absolute(command, user.directory) : command,
      args: Array.isArray(args) ? args.map(String) : [],
      env: Object.fromEntries(
        (Array.isArray(env) ? env.map(fields) : []).map(({ name, value }) => [String(name), String(value)]),
      ),
      ...(provideClusterInfo === true ? { cluster } : {}),
    },
  };
}

/** `NAME-data`, base64, wins over the file at `NAME`. */
function sourceOf({ entry, directory }: Entry, name: string): Source | undefined {
  const data = entry[`${name}-data`];
  if (typeof data === "string" && data !== "") return { text: Buffer.from(data, "base64").toString("utf8") };
  const path = entry[name];
  return typeof path === "string" && path !== "" ? { path: absolute(path, directory) } : undefined;
}

function absolute(path: string, directory: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}

function parsed(text: string): Fields {
  try {
    return fields(parse(text));
  } catch (caught) {
    throw new SlipwayError("invalid", "The kubeconfig is not YAML.", { cause: caught });
  }
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
