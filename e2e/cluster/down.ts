import { existsSync, rmSync } from "node:fs";
import { eventually } from "../harness/eventually.ts";
import { removeCgroups } from "./cgroups.ts";
import { network, stateFolder } from "./layout.ts";
import { must } from "./must.ts";
import { allEnded, isAlive, signal } from "./process-id.ts";
import { readState } from "./state.ts";

/** Ends the cluster that `up` made and removes all it left, except the cache. Safe to call again, and when there is none. */
export async function down(say: (line: string) => void): Promise<void> {
  const state = readState();
  if (state?.phase === "starting" && state.owner.pid !== process.pid && isAlive(state.owner)) {
    throw new Error(`process ${state.owner.pid} is bringing the cluster up; end it first`);
  }
  const inits = state?.machines.map(({ init }) => init) ?? [];
  const parents = [...(state?.machines ?? []), ...(state?.components ?? [])].map(({ parent }) => parent);
  // The kernel ends a process-id namespace with its first process: every program, container and shim of the machine.
  for (const init of inits) signal(init, "SIGKILL");
  await allEnded([...inits, ...parents], 60);
  await linkGone();
  await removeCgroups();
  rmSync(stateFolder, { recursive: true, force: true });
  say(state === undefined ? "no cluster was up" : "the cluster is down");
}

/** The link goes with the control machine's network namespace, and that goes when the last connection in it has given up. */
async function linkGone(): Promise<void> {
  const there = () => existsSync(`/sys/class/net/${network.hostLink}`);
  await eventually("the network namespaces are gone", 10, async () => !there()).catch(async () => {
    // Nothing but the kernel's memory of a connection is left; the host need not wait for that.
    if (there()) await must("ip", ["link", "delete", network.hostLink]);
  });
}
