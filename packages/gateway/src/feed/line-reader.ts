import type { Socket } from "node:net";
import { SlipwayError } from "@slipway/base";

/** Splits what a socket receives into lines of at most `limit` bytes. What `onLine` throws, and a line that is too long, goes to `onError` and ends the reading. */
export function readLines(
  socket: Socket,
  limit: number,
  onLine: (line: string) => void,
  onError: (error: SlipwayError) => void,
): void {
  let parts: Buffer[] = [];
  let size = 0;
  let failed = false;
  const take = (chunk: Buffer): void => {
    let at = 0;
    while (!failed) {
      const end = chunk.indexOf(10, at);
      const part = chunk.subarray(at, end === -1 ? chunk.length : end);
      size += part.length;
      if (size > limit) throw new SlipwayError("tooLarge", `A line of the routes feed is over ${limit} bytes.`);
      parts.push(part);
      if (end === -1) return;
      const line = Buffer.concat(parts, size).toString();
      parts = [];
      size = 0;
      at = end + 1;
      onLine(line);
    }
  };
  socket.on("data", (chunk: Buffer) => {
    if (failed) return;
    try {
      take(chunk);
    } catch (error) {
      failed = true;
      onError(SlipwayError.from(error));
    }
  });
}
