import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/** Addresses that mean something else to whoever asks than to whoever names them: this machine, its network, its cloud's metadata. */
const inside = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  inside.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  inside.addSubnet(network, bits, "ipv6");

/** Whether an address is one of this machine or of a private network. Also says so of an IPv4 address written as IPv6. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && inside.check(address, version === 6 ? "ipv6" : "ipv4");
}

/** The addresses of a URL's host; none when it has none. */
export async function addressesOf(url: URL): Promise<string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}
