/** Where the control groups of one home are. The directory is there only while it has groups: nothing of ours stays when nothing runs. */
export interface ControlGroupParent {
  readonly version: 1 | 2;
  /** Absolute. */
  readonly directory: string;
  /** Of version 2: what it hands down to its groups. In version 1 every hierarchy is one controller's. */
  readonly controllers: readonly string[];
}
