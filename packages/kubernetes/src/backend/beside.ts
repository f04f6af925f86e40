import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import type { DeploymentObject } from "./deployment-object.ts";
import { entryOf, type Inventory, inventoryOf, readInventory } from "./inventory.ts";
import { revisionAnnotations } from "./revision-annotations.ts";

/** What is to be beside a Deployment, held against what was applied the last time. Pure. */
export class Beside {
  /** Entries of what was applied and is wanted no more. */
  readonly surplus: readonly string[];
  private readonly own: Inventory;
  private readonly shared: Inventory;
  private readonly known: Inventory;
  private readonly missing: ReadonlySet<string>;

  /** `missing`: entries of what was applied and is seen to be there no more. */
  constructor(wanted: readonly KubernetesObject[], found: DeploymentObject | undefined, missing: readonly string[]) {
    const annotations = found?.metadata.annotations ?? {};
    this.own = inventoryOf(wanted.filter(isRevisions));
    this.shared = inventoryOf(wanted.filter((object) => !isRevisions(object)));
    this.known = {
      ...readInventory(annotations[revisionAnnotations.own]),
      ...readInventory(annotations[revisionAnnotations.shared]),
    };
    this.missing = new Set(missing);
    this.surplus = Object.keys(this.known).filter((entry) => !Object.hasOwn({ ...this.own, ...this.shared }, entry));
  }

  /** Whether an object has to be applied. */
  differs(object: KubernetesObject): boolean {
    const entry = entryOf(object);
    return this.known[entry] !== { ...this.own, ...this.shared }[entry] || this.missing.has(entry);
  }

  /** What to write down on the Deployment. */
  get annotations(): Readonly<Record<string, string>> {
    return {
      [revisionAnnotations.own]: JSON.stringify(this.own),
      [revisionAnnotations.shared]: JSON.stringify(this.shared),
    };
  }
}

function isRevisions({ metadata }: KubernetesObject): boolean {
  return metadata.ownerReferences?.some(({ kind }) => kind === "Revision") ?? false;
}
