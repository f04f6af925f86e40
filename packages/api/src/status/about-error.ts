import { SlipwayError } from "@slipway/base";
import type { About } from "./status.ts";

const abouts = new WeakMap<SlipwayError, About>();

/** Notes which object a failure is about; the first note stays, because it is the closest to the cause. */
export function noteAbout(caught: unknown, about: About): SlipwayError {
  const error = SlipwayError.from(caught);
  if (!abouts.has(error)) abouts.set(error, about);
  return error;
}

/** What {@link noteAbout} noted. */
export function aboutOf(error: SlipwayError): About | undefined {
  return abouts.get(error);
}
