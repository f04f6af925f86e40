import { SlipwayError } from "@slipway/base";
import type { FrameLimits } from "./frame-options.ts";

const magic = Buffer.from("SLIPWAYF", "latin1");

/** The versions of the frame protocol this code speaks. */
export const frameVersions = { lowest: 1, highest: 1 } as const;

/** Length of the preface that each side sends first: magic (8), lowest and highest version (1 + 1), zero (2), stream window, connection window, streams (4 each). */
export const prefaceBytes = 24;

/** Smallest window worth speaking over: below it every small body would wait for credit. */
const leastWindow = 16 * 1024;

/** The bytes that announce what this side speaks and allows. */
export function encodePreface(limits: FrameLimits, versions: { lowest: number; highest: number } = frameVersions): Buffer {
  const bytes = Buffer.alloc(prefaceBytes);
  magic.copy(bytes);
  bytes[8] = versions.lowest;
  bytes[9] = versions.highest;
  bytes.writeUInt32BE(limits.streamWindow, 12);
  bytes.writeUInt32BE(limits.connectionWindow, 16);
  bytes.writeUInt32BE(limits.streams, 20);
  return bytes;
}

/** What the peer allows and the version both speak. Throws `unimplemented` when there is none, `badRequest` when these are not frames. */
export function decodePreface(bytes: Buffer): { version: number; limits: FrameLimits } {
  if (!bytes.subarray(0, 8).equals(magic)) {
    throw new SlipwayError("badRequest", "The peer does not speak Slipway's frames: its first bytes are others.", {
      hint: "Check that the socket is a replica's.",
    });
  }
  const lowest = bytes[8]!;
  const highest = bytes[9]!;
  const version = Math.min(highest, frameVersions.highest);
  if (version < Math.max(lowest, frameVersions.lowest)) {
    throw new SlipwayError(
      "unimplemented",
      `The peer speaks frame versions ${lowest} to ${highest}; this side speaks ${frameVersions.lowest} to ${frameVersions.highest}.`,
      { hint: "Run releases of gateway and replica that share a frame version." },
    );
  }
  const limits = {
    streamWindow: bytes.readUInt32BE(12),
    connectionWindow: bytes.readUInt32BE(16),
    streams: bytes.readUInt32BE(20),
  };
  if (limits.streamWindow < leastWindow || limits.connectionWindow < limits.streamWindow || limits.streams < 1) {
    throw new SlipwayError("badRequest", `The peer's frame limits make no sense: ${JSON.stringify(limits)}.`);
  }
  return { version, limits };
}
