import { ByteBudget } from "@slipway/base";

/** What request bodies of a listener may hold together, unless the options say: a few of the largest, or very many of the usual ones. */
export function defaultBodyBudget(bodyLimit: number): ByteBudget {
  return new ByteBudget(Math.max(256 * 1024 * 1024, 2 * bodyLimit));
}
