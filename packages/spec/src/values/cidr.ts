import { z } from "zod";
import { found } from "./found.ts";

/** A network: the bits of its first address, how many of them count, and how many there are. */
interface Network {
  readonly address: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

// The patterns and not zod's checks: those take an IPv6 address whose end is in IPv4's notation, which is an IPv4 address to Kubernetes.
const { cidrv4, cidrv6 } = z.regexes;

/** Addresses at which clouds hand out a machine's own credentials: no model is ever let there. */
export const metadataServices: readonly string[] = ["169.254.169.254/32", "fd00:ec2::254/128"];

/** A schema for a network in CIDR notation: `10.1.0.0/16`, `2001:db8::/32`. */
export function cidr() {
  return z
    .string()
    .superRefine((text, context) => {
      const message = cidrProblem(text);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .meta({
      maxLength: 64,
      "x-kubernetes-validations": [
        {
          rule: "isCIDR(self) && cidr(self) == cidr(self).masked()",
          message: "must be a network such as 10.1.0.0/16, with nothing set behind its prefix",
        },
        {
          rule: `!isCIDR(self) || ${metadataServices.map((service) => `!cidr('${service}').containsCIDR(self)`).join(" && ")}`,
          message: "a cloud's metadata service is never reachable from a model",
        },
      ],
    });
}

/** Whether every address of `inner` is one of `outer`; both are networks that {@link cidr} has taken. */
export function cidrContains(outer: string, inner: string): boolean {
  const [large, small] = [parseNetwork(outer), parseNetwork(inner)];
  if (large === undefined || small === undefined || large.bits !== small.bits || large.prefix > small.prefix) return false;
  return masked(small.address, large) === masked(large.address, large);
}

function cidrProblem(text: string): string | undefined {
  const network = parseNetwork(text);
  if (network === undefined) {
    const address = !text.includes("/") && (parseNetwork(`${text}/32`) ?? parseNetwork(`${text}/128`));
    const hint = address ? `; did you mean "${text}/${address.bits}"?` : "";
    return `expected a network such as 10.1.0.0/16 or 2001:db8::/32, found ${found(text)}${hint}`;
  }
  if (network.bits === 128 && network.address >> 32n === 0xffffn && network.prefix >= 96)
    return `expected an IPv4 network in its own notation, such as 10.1.0.0/16; found ${found(text)}`;
  if (masked(network.address, network) !== network.address) {
    const meant = network.bits === 32 ? `; did you mean "${textV4(masked(network.address, network))}/${network.prefix}"?` : "";
    return `expected nothing set behind the first ${network.prefix} bits, found ${found(text)}${meant}`;
  }
  if (metadataServices.some((service) => cidrContains(service, text)))
    return "a cloud's metadata service is never reachable from a model: it hands out the machine's credentials";
  return undefined;
}

function parseNetwork(text: string): Network | undefined {
  const [address = "", prefix = ""] = text.split("/");
  if (cidrv4.test(text)) return { address: bitsOfV4(address), prefix: Number(prefix), bits: 32 };
  if (cidrv6.test(text)) return { address: bitsOfV6(address), prefix: Number(prefix), bits: 128 };
  return undefined;
}

function masked(address: bigint, { prefix, bits }: Network): bigint {
  const free = BigInt(bits - prefix);
  return (address >> free) << free;
}

function bitsOfV4(address: string): bigint {
  return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function textV4(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join(".");
}

function bitsOfV6(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}
