import { eventually } from "../harness/eventually.ts";
import { enter, machineNamed, spawnLogged } from "./machine.ts";
import { allEnded, isAlive, onlyChild, signal } from "./process-id.ts";
import type { ClusterState, ComponentRecord } from "./state.ts";
import { writeState } from "./state.ts";

/** Starts a program of the cluster in one of its machines; its log is `MACHINE.NAME.log`. `args` starts with the program. */
export async function startComponent(
  state: ClusterState,
  machine: string,
  name: string,
  args: readonly string[],
): Promise<ComponentRecord> {
  const parent = await spawnLogged(`${machine}.${name}`, "nsenter", [...enter(machineNamed(state, machine)), ...args]);
  const component = { machine, name, args, parent, process: await onlyChild(parent.pid, `${name} on ${machine}`) };
  const previous = state.components.findIndex((each) => each.machine === machine && each.name === name);
  if (previous >= 0) state.components.splice(previous, 1);
  state.components.push(component);
  writeState(state);
  return component;
}

/** A program of the record, such as `kubelet` on `node-2`. */
export function componentNamed(state: ClusterState, machine: string, name: string): ComponentRecord {
  const component = state.components.find((each) => each.machine === machine && each.name === name);
  if (component === undefined) throw new Error(`the cluster has no "${name}" on "${machine}"`);
  return component;
}

/** Ends a program as a crash would, and waits until it is gone. */
export async function killComponent(state: ClusterState, machine: string, name: string): Promise<void> {
  const component = componentNamed(state, machine, name);
  signal(component.process, "SIGKILL");
  await allEnded([component.process, component.parent], 30);
}

/** Starts a program again that was killed, with the same arguments. */
export async function restartComponent(state: ClusterState, machine: string, name: string): Promise<ComponentRecord> {
  return startComponent(state, machine, name, componentNamed(state, machine, name).args);
}

/** Waits for a condition that a program is to bring about; says at once when the program has ended instead. */
export async function expectOf<T>(
  component: ComponentRecord,
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined | false>,
): Promise<T> {
  const outcome = await eventually<{ value: T } | "ended">(what, seconds, async () => {
    const value = await probe().catch((error: unknown) => {
      if (isAlive(component.process)) throw error;
      return undefined;
    });
    if (value !== undefined && value !== false) return { value };
    return isAlive(component.process) ? undefined : "ended";
  });
  if (outcome === "ended") throw new Error(`${component.name} on ${component.machine} has ended; its log says why`);
  return outcome.value;
}
