import { controlName, network, nodes } from "./layout.ts";
import { machineNamed } from "./machine.ts";
import { must } from "./must.ts";
import type { ClusterState } from "./state.ts";

/** Fails when the host already uses the cluster's addresses for something else. */
export async function checkAddressesAreFree(): Promise<void> {
  const routes = (await must("ip", ["-4", "route", "show", "root", network.range])).trim();
  if (routes !== "") throw new Error(`the addresses ${network.range} are in use on this machine: ${routes}`);
}

/** Joins the machines and the host by one switch in the control machine, and routes pods and services. */
export async function linkMachines(state: ClusterState): Promise<void> {
  const control = machineNamed(state, controlName).init.pid;
  const pidOf = (name: string) => machineNamed(state, name).init.pid;
  const bits = network.machines.split("/")[1];
  // Services have no machine: the first node's kube-proxy translates them for whoever has no kube-proxy of its own.
  const toServices = `route add ${network.services} via ${nodes[0]!.address}`;
  const toPods = nodes.map((node) => `route add ${node.pods} via ${node.address}`);

  await configure(undefined, [
    `link add ${network.hostLink} type veth peer name host0 netns ${control}`,
    `addr add ${network.host}/${bits} dev ${network.hostLink}`,
    `link set ${network.hostLink} up`,
  ]);
  await configure(control, [
    "link add switch type bridge",
    `addr add ${network.control}/${bits} dev switch`,
    "link set switch up",
    "link set host0 master switch up",
    ...nodes.flatMap((node) => [
      `link add ${node.name} type veth peer name eth0 netns ${pidOf(node.name)}`,
      `link set ${node.name} master switch up`,
    ]),
    ...toPods,
    toServices,
  ]);
  for (const node of nodes) {
    await configure(pidOf(node.name), [
      `addr add ${node.address}/${bits} dev eth0`,
      "link set eth0 up",
      ...toPods.filter((_, index) => nodes[index] !== node),
      // Never used on the wire: a destination needs a route before kube-proxy's rules can change it.
      `route add ${network.services} dev eth0`,
    ]);
  }
  await configure(undefined, [...toPods, toServices]);
}

/** Runs `ip` commands in the network namespace of a process, or in the host's. */
async function configure(pid: number | undefined, commands: readonly string[]): Promise<void> {
  const batch = ["-batch", "-"];
  const input = `${commands.join("\n")}\n`;
  if (pid === undefined) await must("ip", batch, input);
  else await must("nsenter", ["--target", String(pid), "--net", "ip", ...batch], input);
}
