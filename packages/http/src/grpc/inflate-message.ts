import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { SlipwayError } from "@slipway/base";
import { malformedCall } from "./malformed-call.ts";
import { tooLarge } from "./message-reader.ts";

const codecs: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
};

/** What a client may compress its messages with. */
export const acceptedEncodings = "identity,deflate,gzip";

/** Throws `unimplemented` when messages cannot be read in this `grpc-encoding`. */
export function checkEncoding(encoding: unknown): void {
  if (encoding === undefined || encoding === "identity" || Object.hasOwn(codecs, String(encoding))) return;
  throw new SlipwayError(
    "unimplemented",
    `Messages in the encoding ${JSON.stringify(String(encoding).slice(0, 50))} are not read here.`,
    {
      hint: `Use one of: ${acceptedEncodings}.`,
    },
  );
}

/** The message inside a compressed one. Rejects with `tooLarge` as soon as it grows above `limit` bytes, and with `badRequest` of status INTERNAL when it cannot be read. */
export async function inflateMessage(bytes: Buffer, encoding: unknown, limit: number): Promise<Buffer> {
  const codec = typeof encoding === "string" && Object.hasOwn(codecs, encoding) ? codecs[encoding] : undefined;
  if (codec === undefined) {
    throw malformedCall("A message is flagged as compressed, but no grpc-encoding says how.");
  }
  try {
    return await codec(bytes, { maxOutputLength: limit });
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limit);
    throw malformedCall(`A message is not well-formed ${encoding}.`, { cause });
  }
}
