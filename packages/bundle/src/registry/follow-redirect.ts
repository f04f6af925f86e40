import { SlipwayError } from "@slipway/base";
import { addressesOf, isPrivateAddress } from "./private-address.ts";
import type { Peer } from "./wire.ts";

/** Redirects of one request that are followed. */
export const mostRedirects = 5;

/**
 * Where a registry's redirect leads, or `forbidden`: never from HTTPS to plain HTTP, and never from a public registry into a private
 * network, where a pull could be made to knock at doors that only this machine reaches.
 */
export async function followRedirect(from: URL, location: string | undefined, peer: Peer = "registry"): Promise<URL> {
  const target = parse(location, from);
  if (target === undefined)
    throw new SlipwayError("unavailable", `The ${peer} ${from.host} sent a redirect without a usable address.`);
  if (target.protocol === "http:" ? from.protocol !== "http:" : target.protocol !== "https:")
    throw refuse(peer, from, target, "which is not HTTPS");
  if (target.host === from.host) return target;
  const leadsInside = (await addressesOf(target)).some(isPrivateAddress);
  if (leadsInside && !(await addressesOf(from)).some(isPrivateAddress))
    throw refuse(peer, from, target, "which is an address of this machine or of a private network");
  return target;
}

function parse(location: string | undefined, from: URL): URL | undefined {
  try {
    return new URL(location ?? "", from);
  } catch {
    return undefined;
  }
}

function refuse(peer: Peer, from: URL, target: URL, why: string): SlipwayError {
  return new SlipwayError("forbidden", `The ${peer} ${from.host} redirects to ${target.protocol}//${target.host}, ${why}.`, {
    hint: `Nothing was sent there. Ask whoever runs the ${peer}.`,
  });
}
