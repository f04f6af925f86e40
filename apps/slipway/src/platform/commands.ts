import { join } from "node:path";
import type { HomePaths, ReplicaSpec } from "@slipway/local";
import type { UpOptions } from "../commands/platform.ts";

/** The file this program was started with: `main.ts` in the sources, `main.js` when built. */
const entry = process.argv[1] ?? join(import.meta.dirname, "..", "main.ts");

function command(role: string, paths: HomePaths, ...rest: string[]): string[] {
  return [process.execPath, "--disable-warning=ExperimentalWarning", entry, role, "--home", paths.directory, ...rest];
}

/** The command line of the process of a role; a replica's contains its home and the word `replica`. */
export const roleCommands = {
  supervisor: (paths: HomePaths, { gatewayPort, apiPort }: UpOptions) =>
    command(
      "supervisor",
      paths,
      ...(gatewayPort === undefined ? [] : ["--gateway-port", String(gatewayPort)]),
      ...(apiPort === undefined ? [] : ["--api-port", String(apiPort)]),
    ),
  control: (paths: HomePaths) => command("control", paths),
  gateway: (paths: HomePaths) => command("gateway", paths),
};

/** How a replica's process is started. */
export function replicaCommand(
  paths: HomePaths,
  replica: ReplicaSpec,
): { argv: readonly string[]; env: Readonly<Record<string, string>> } {
  return { argv: command("replica", paths, replica.namespace, replica.name), env: {} };
}
