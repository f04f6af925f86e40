import type { ModelRoute } from "@slipway/protocol";
import type { Key, Model, Revision } from "@slipway/spec";
import type { Observed } from "../backend.ts";
import type { Place } from "../place.ts";

/** The world of one Model, as far as control knows it: what the place has under its key, and this. Nothing else may influence a plan. */
export interface PlanInput extends Observed {
  readonly key: Key;
  /** Absent once the object is gone. */
  readonly model: Model | undefined;
  /** Revisions of this very object (by owner), and those of its name that nobody owns, in any order. */
  readonly revisions: readonly Revision[];
  readonly routing: {
    /** The route in the newest table; absent when there is none. */
    readonly published: ModelRoute | undefined;
    /** The generation that first held {@link published}; infinite while this control has published nothing for the key, as gateways may hold anything then. */
    readonly generation: number;
    /** The newest generation in force at every live gateway. */
    readonly acknowledged: number;
  };
  /** Base address of inference, e.g. `http://127.0.0.1:7878`. */
  readonly gateway: string;
  readonly place: Place;
}

/** One revision's share of the requests. */
export interface Share {
  readonly revision: string;
  readonly percent: number;
}
