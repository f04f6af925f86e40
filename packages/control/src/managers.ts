/** The field manager of control's own writes. */
export const controlManager = "slipway-control";

/** The field manager of `slipway rollback`; its hold on `spec.traffic` ends with the next change of revision. */
export const rollbackManager = "slipway-rollback";

/** Annotation of a Revision: the signatures its Model had when it was made, a JSON list. Replicas that start later are judged by them. */
export const signaturesAnnotation = "slipway.dev/signatures";

/** Annotation of a Revision: the contract its Model had when it was made. */
export const contractAnnotation = "slipway.dev/contract";

/** The finalizer that keeps a deleted Model until its replicas have drained. */
export const drainFinalizer = "slipway.dev/drain";
