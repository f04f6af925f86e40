import { SlipwayError } from "@slipway/base";

/** A request that Node's parser gave up on, as an answer; undefined when there is nobody to answer. */
export function parseFailure(caught: Error): { error: SlipwayError; status?: number } | undefined {
  const code = (caught as { code?: string }).code ?? "";
  switch (code) {
    case "ECONNRESET":
    case "EPIPE":
    case "HPE_INVALID_EOF_STATE":
      return undefined;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { error: new SlipwayError("requestTimeout", "The request did not arrive in time.") };
    case "HPE_HEADER_OVERFLOW":
      // 431 Request Header Fields Too Large, RFC 6585.
      return { error: new SlipwayError("tooLarge", "The request's headers are larger than 16 KiB."), status: 431 };
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return { error: new SlipwayError("tooLarge", "The request's chunk extensions are too large.") };
    default:
      return { error: new SlipwayError("badRequest", "The request is not well-formed HTTP/1.1.") };
  }
}
