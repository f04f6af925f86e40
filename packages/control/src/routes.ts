import type { ModelRoute } from "@slipway/protocol";

/** Who is told where requests go. Generations begin at 1, which is the table without any model; 0 is none of this publisher's. */
export interface Routes {
  /** Makes this the route of one model (undefined removes it) and returns the generation of the table that has it. No new generation when nothing changes. */
  publish(namespace: string, name: string, route: ModelRoute | undefined): number;
  /** The newest generation that every live gateway has in force; with no gateway, the newest published; 0 before all of them have one. */
  acknowledged(): number;
  /** Calls back after every change of {@link acknowledged}; returns how to stop. */
  onAcknowledged(listener: (generation: number) => void): () => void;
}
