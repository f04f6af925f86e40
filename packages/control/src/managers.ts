/** The field manager of control's own writes. */
export const controlManager = "slipway-control";

/** The field manager of `slipway rollback`; its hold on `spec.traffic` ends with the next change of revision. */
export const rollbackManager = "slipway-rollback";

/** The finalizer that keeps a deleted Model until its replicas have drained. */
export const drainFinalizer = "slipway.dev/drain";
