import { enableCompileCache } from "node:module";
import { isAbsolute, join } from "node:path";
import { parseArgs } from "node:util";
import type { HomePaths } from "@slipway/local";

// Before anything else is loaded: half of a start is compiling what was compiled the last time. The directory is the user's own,
// because whoever can write to it decides what runs.
const caches = process.env.XDG_CACHE_HOME ?? (process.env.HOME === undefined ? "" : join(process.env.HOME, ".cache"));
if (isAbsolute(caches)) {
  const compiled = join(caches, "slipway", "compiled");
  enableCompileCache(compiled);
  // For this process's threads, which do not share it otherwise.
  Object.assign(process.env, { NODE_COMPILE_CACHE: compiled });
}

// Everything it writes is in the home or for it, and nobody else's business.
process.umask(0o077);

interface Ports {
  readonly gatewayPort?: number;
  readonly apiPort?: number;
}

/** What the supervisor starts, beside the command line itself. Each is loaded alone: a replica does not pay for the command line. */
const roles: Readonly<Record<string, (paths: HomePaths, rest: readonly string[], ports: Ports) => Promise<void>>> = {
  supervisor: async (paths, _rest, ports) => (await import("./platform/detached.ts")).runDetachedSupervisor(paths, ports),
  control: async (paths) => (await import("./platform/control-role.ts")).runControl(paths),
  gateway: async (paths) => (await import("./platform/gateway-role.ts")).runGateway(paths),
  replica: async (paths, [namespace, name]) => (await import("./platform/replica-role.ts")).runReplica(paths, namespace!, name!),
};

/** What runs in a pod. */
const clusterRoles: Readonly<Record<string, (stop: AbortSignal, args: readonly string[]) => Promise<void>>> = {
  "cluster-gateway": async (stop) => {
    const [{ runClusterProcess }, { runClusterGateway }] = await Promise.all([
      import("./cluster/cluster-process.ts"),
      import("./cluster/gateway-role.ts"),
    ]);
    await runClusterProcess("gateway", stop, runClusterGateway);
  },
  "cluster-replica": async (stop, [configuration]) => {
    const [{ runClusterProcess }, { clusterReplica, podReplicaOptions }] = await Promise.all([
      import("./cluster/cluster-process.ts"),
      import("./cluster/replica-role.ts"),
    ]);
    await runClusterProcess("replica", stop, (parts) => clusterReplica(podReplicaOptions(configuration), parts));
  },
  "cluster-operator": async (stop) => {
    const [{ runClusterProcess }, { clusterOperator, podOperatorOptions }, { connectOwnCluster }] = await Promise.all([
      import("./cluster/cluster-process.ts"),
      import("./cluster/operator-role.ts"),
      import("./cluster/connect-own-cluster.ts"),
    ]);
    await runClusterProcess("operator", stop, async (parts) => {
      const { server, pod } = await connectOwnCluster(parts.clock);
      await clusterOperator(podOperatorOptions(server, pod), parts);
    });
  },
};

const [word = "", ...args] = process.argv.slice(2);
const clusterRole = Object.hasOwn(clusterRoles, word) ? clusterRoles[word] : undefined;
const role = Object.hasOwn(roles, word) ? roles[word] : undefined;
const location = process.env.XDG_RUNTIME_DIR === undefined ? {} : { runtimeParent: process.env.XDG_RUNTIME_DIR };
if (clusterRole !== undefined) {
  // Before the role is loaded: to the first process of a pod, Linux delivers no signal that it does not handle, and a pod that is deleted
  // while it starts would be waited for as long as its grace allows.
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop.abort());
  await clusterRole(stop.signal, args);
} else if (role === undefined) {
  const [{ runCliProcess }, { createPlatform }] = await Promise.all([
    import("./cli-process.ts"),
    import("./platform/create-platform.ts"),
  ]);
  await runCliProcess(createPlatform(location));
} else {
  const { values, positionals } = parseArgs({
    args,
    options: { home: { type: "string" }, "gateway-port": { type: "string" }, "api-port": { type: "string" } },
    allowPositionals: true,
  });
  const { openHome } = await import("@slipway/local");
  await role(await openHome(values.home!, location), positionals, {
    ...(values["gateway-port"] === undefined ? {} : { gatewayPort: Number(values["gateway-port"]) }),
    ...(values["api-port"] === undefined ? {} : { apiPort: Number(values["api-port"]) }),
  });
}
