import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../harness/eventually.ts";
import { binaryFolder } from "./binaries.ts";
import { stateFolder } from "./layout.ts";
import type { ProcessId } from "./process-id.ts";
import { identify, onlyChild } from "./process-id.ts";
import type { ClusterState, MachineRecord } from "./state.ts";
import { writeState } from "./state.ts";

/** What programs of the cluster see of the environment: nothing of the caller's, such as its KUBECONFIG or its proxies. */
const environment = { PATH: "/run/slipway/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LC_ALL: "C.UTF-8" };

/** Starts a machine: network, mount, host-name, IPC and process-id namespaces under one process that ends them all. */
export async function startMachine(state: ClusterState, name: string): Promise<MachineRecord> {
  const setup = join(import.meta.dirname, "machine-init.sh");
  const parent = await spawnLogged(name, "unshare", [
    "--net",
    "--mount",
    "--uts",
    "--ipc",
    "--pid",
    "--fork",
    "--mount-proc",
    "sh",
    setup,
    name,
    stateFolder,
    binaryFolder,
  ]);
  const machine = { name, parent, init: await onlyChild(parent.pid, `machine ${name}`) };
  state.machines.push(machine);
  writeState(state);
  await eventually(`machine ${name} is set up (see ${logPath(name)})`, 10, async () => {
    return readFileSync(`/proc/${machine.init.pid}/comm`, "utf8").trim() === "pause";
  });
  return machine;
}

/** The arguments of `nsenter` that run a program in a machine. */
export function enter(machine: MachineRecord): string[] {
  return ["--target", String(machine.init.pid), "--net", "--mount", "--uts", "--ipc", "--pid", "--"];
}

/** A machine of the record, by name. */
export function machineNamed(state: ClusterState, name: string): MachineRecord {
  const machine = state.machines.find((each) => each.name === name);
  if (machine === undefined) throw new Error(`the cluster has no machine "${name}"`);
  return machine;
}

/** The log of a machine, `MACHINE`, or of one of its programs, `MACHINE.PROGRAM`. */
export function logPath(name: string): string {
  return join(stateFolder, "logs", `${name}.log`);
}

/** Starts a program that outlives this process, with its output in a log. */
export async function spawnLogged(log: string, program: string, args: readonly string[]): Promise<ProcessId> {
  mkdirSync(join(stateFolder, "logs"), { recursive: true });
  const output = openSync(logPath(log), "a");
  try {
    const child = spawn(program, args, { detached: true, stdio: ["ignore", output, output], cwd: "/", env: environment });
    child.unref();
    await once(child, "spawn");
    const id = identify(child.pid!);
    if (id === undefined) throw new Error(`${program} ended at once; ${logPath(log)} says why`);
    return id;
  } finally {
    closeSync(output);
  }
}
