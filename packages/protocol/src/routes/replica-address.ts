import { isIP } from "node:net";

/** What a bind() of a Unix socket takes: `sun_path` of 108 bytes with its zero. */
const pathBytes = 107;

/** Where a replica serves frames: on a Unix socket of this machine, or with TLS on an address of a network. */
export type ReplicaAddress =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "tls"; readonly host: string; readonly port: number };

/** The text of an address in a network, as routes carry it: `tls://10.0.0.7:7880`, `tls://[fd00::7]:7880`. */
export function tlsAddress(ip: string, port: number): string {
  return `tls://${ip.includes(":") ? `[${ip}]` : ip}:${port}`;
}

/** The address in a text; undefined when it is none. A name is none: who a replica is, its certificate says, and no resolver. */
export function parseReplicaAddress(text: string): ReplicaAddress | undefined {
  if (text.startsWith("/")) return Buffer.byteLength(text) <= pathBytes ? { type: "unix", path: text } : undefined;
  const match = /^tls:\/\/(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, six, four, digits] = match;
  const host = six ?? four!;
  const port = Number(digits);
  if (isIP(host) !== (six === undefined ? 4 : 6) || port < 1 || port > 65_535) return undefined;
  return { type: "tls", host, port };
}

/** The name that the certificate of a Model's replicas has: an address may have been another's before. */
export function replicaServerName(namespace: string, model: string): string {
  return `${model}.${namespace}.model.slipway`;
}

/** The name in the certificate of every gateway of an installation. */
export const gatewayServerName = "gateway.slipway";

/** The name in the certificate of an installation's operator. */
export const operatorServerName = "operator.slipway";
