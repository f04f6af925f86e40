/** What is written on a revision's Deployment about how it was made: by it an operator that comes later knows what is done. */
export const revisionAnnotations = {
  /** `metadata.generation` of the Model that it was last made for. */
  generation: "slipway.dev/model-generation",
  /** Version of the platform that rendered what is beside it. */
  renderedBy: "slipway.dev/rendered-by",
  /** Inventory of the objects beside it that are the revision's own. */
  own: "slipway.dev/applied",
  /** Inventory of those that all revisions of the Model share. */
  shared: "slipway.dev/applied-shared",
} as const;
