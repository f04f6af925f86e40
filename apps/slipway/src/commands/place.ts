import type { ClusterAccess } from "@slipway/kubernetes";
import { openContext } from "./cluster-context.ts";
import type { CliContext } from "./context.ts";
import type { PlaceFlags } from "./flags.ts";
import { resolveHome } from "./home.ts";

/** Where a command works: the platform of a home, or a cluster. Either has a namespace that is meant when an object names none. */
export type Place = MachinePlace | ClusterPlace;

/** The platform of a home on this machine. */
export interface MachinePlace {
  readonly type: "machine";
  /** Absolute path. */
  readonly home: string;
  readonly namespace: string;
}

/** The cluster of a context of the kubeconfig. */
export interface ClusterPlace {
  readonly type: "cluster";
  /** The context's name. */
  readonly context: string;
  readonly access: ClusterAccess;
  readonly namespace: string;
}

/** Where the flags say that a command works. Nothing is connected yet. */
export async function readPlace(context: CliContext, flags: PlaceFlags): Promise<Place> {
  if (flags.context === undefined)
    return { type: "machine", home: resolveHome(context, flags.home), namespace: flags.namespace ?? "default" };
  return clusterPlace(context, flags);
}

/** The cluster that the flags name; without a name, that of the kubeconfig's current context. */
export async function clusterPlace(context: CliContext, flags: PlaceFlags): Promise<ClusterPlace> {
  const { name, access } = await openContext(context, flags.context);
  return { type: "cluster", context: name, access, namespace: flags.namespace ?? access.namespace ?? "default" };
}
