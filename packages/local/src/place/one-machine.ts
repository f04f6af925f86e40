import type { Place } from "@slipway/control";
import { oneMachineConditions } from "./one-machine-conditions.ts";

/** What a machine without a cluster is like as a place for replicas. */
export const oneMachine: Place = { autoscales: false, conditions: oneMachineConditions };
