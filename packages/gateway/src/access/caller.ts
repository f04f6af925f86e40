import { SlipwayError } from "@slipway/base";
import type { User } from "@slipway/http";

/** Who sends a request, and which models that may be for. */
export class Caller implements User {
  readonly name: string;
  readonly groups: readonly string[];
  private readonly models: readonly string[] | undefined;

  /** `models`: `NAMESPACE/NAME` or `NAMESPACE/*`; without it, every one. */
  constructor(name: string, groups: readonly string[], models?: readonly string[]) {
    this.name = name;
    this.groups = groups;
    this.models = models;
  }

  /** Whether the caller may use this model. */
  may(namespace: string, model: string): boolean {
    const { models } = this;
    return models === undefined || models.includes(`${namespace}/${model}`) || models.includes(`${namespace}/*`);
  }

  /** Throws `forbidden` when the caller may not use this model, whether or not it is there. */
  demand(namespace: string, model: string): void {
    if (this.may(namespace, model)) return;
    throw new SlipwayError("forbidden", "This API key is not for this model.", {
      hint: "`slipway key list` shows which models each key is for.",
    });
  }
}
