import { join } from "node:path";
import { SlipwayError } from "@slipway/base";
import { anonymous, dockerCredentials, type Proxies, parseReference, RegistryClient } from "@slipway/bundle";
import type { Command } from "commander";
import type { CliContext } from "../commands/context.ts";

/** Flags of every command that speaks to a registry. */
export interface RegistryFlags {
  readonly insecureRegistry?: readonly string[];
}

/** Adds `--insecure-registry`. */
export function registryFlags(command: Command): Command {
  return command.option(
    "--insecure-registry <host>",
    "reach this registry (HOST or HOST:PORT) over plain HTTP; may be repeated (default: $SLIPWAY_INSECURE_REGISTRIES)",
    (value: string, all: string[] | undefined) => [...(all ?? []), host(value)],
  );
}

/** Runs `work` with a client of registries that has this user's logins; its connections are closed whatever happens. */
export async function withRegistry<T>(
  context: Pick<CliContext, "env" | "clock">,
  flags: RegistryFlags,
  work: (client: RegistryClient) => Promise<T>,
): Promise<T> {
  const { env } = context;
  const listed = (env.SLIPWAY_INSECURE_REGISTRIES ?? "").split(",").filter((text) => text.trim() !== "");
  const folder = env.DOCKER_CONFIG || (env.HOME === undefined ? undefined : join(env.HOME, ".docker"));
  const client = new RegistryClient({
    clock: context.clock,
    credentials: folder === undefined ? anonymous : dockerCredentials(join(folder, "config.json"), env),
    proxies: proxiesIn(env),
    insecure: [...(flags.insecureRegistry ?? []), ...listed.map((text) => host(text.trim()))],
  });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** The proxies that the environment names. */
export function proxiesIn(env: CliContext["env"]): Proxies {
  return {
    http: env.HTTP_PROXY || env.http_proxy,
    https: env.HTTPS_PROXY || env.https_proxy,
    no: env.NO_PROXY || env.no_proxy,
  };
}

/** Host and port as references have them. */
function host(text: string): string {
  try {
    const { registry, name } = parseReference(`${text}/name`);
    if (name === "name") return registry;
  } catch {
    // Said below.
  }
  throw new SlipwayError("usage", `${JSON.stringify(text.slice(0, 80))} is not the host of a registry.`, {
    hint: "Expected HOST or HOST:PORT, for example registry.example.org:5000.",
  });
}
