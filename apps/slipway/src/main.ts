import { parseArgs } from "node:util";
import { type HomePaths, openHome } from "@slipway/local";

/** What the supervisor starts, beside the command line itself. Each is loaded alone: a replica does not pay for the command line. */
const roles: Readonly<
  Record<string, (paths: HomePaths, rest: readonly string[], ports: { gatewayPort?: number; apiPort?: number }) => Promise<void>>
> = {
  supervisor: async (paths, _rest, ports) => (await import("./platform/detached.ts")).runDetachedSupervisor(paths, ports),
  control: async (paths) => (await import("./platform/control-role.ts")).runControl(paths),
  gateway: async (paths) => (await import("./platform/gateway-role.ts")).runGateway(paths),
  replica: async (paths, [namespace, name]) => (await import("./platform/replica-role.ts")).runReplica(paths, namespace!, name!),
};

const [word = "", ...args] = process.argv.slice(2);
const role = Object.hasOwn(roles, word) ? roles[word] : undefined;
if (role === undefined) {
  const [{ runCliProcess }, { createPlatform }] = await Promise.all([
    import("./cli-process.ts"),
    import("./platform/create-platform.ts"),
  ]);
  await runCliProcess(createPlatform(runtimeLocation()));
} else {
  const { values, positionals } = parseArgs({
    args,
    options: { home: { type: "string" }, "gateway-port": { type: "string" }, "api-port": { type: "string" } },
    allowPositionals: true,
  });
  const paths = await openHome(values.home!, runtimeLocation());
  await role(paths, positionals, {
    ...(values["gateway-port"] === undefined ? {} : { gatewayPort: Number(values["gateway-port"]) }),
    ...(values["api-port"] === undefined ? {} : { apiPort: Number(values["api-port"]) }),
  });
}

function runtimeLocation(): { runtimeParent?: string } {
  const parent = process.env["XDG_RUNTIME_DIR"];
  return parent === undefined ? {} : { runtimeParent: parent };
}
