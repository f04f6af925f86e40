import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";

/** What came back over one HTTP/2 stream. */
export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  /** Of the trailers, or of headers that are trailers at once; undefined when there is none. */
  readonly status: string | undefined;
  readonly body: Buffer;
  /** The code that reset the stream; 0 for none. */
  readonly reset: number;
}

/** A gRPC message as it stands in a body: flag, length, bytes. */
export function framed(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** Calls over bare HTTP/2, with any bytes and headers: what no library would send. */
export async function callRaw(
  port: number,
  body: readonly Uint8Array[],
  headers: OutgoingHttpHeaders = {},
  session: ClientHttp2Session = connect(`http://127.0.0.1:${port}`),
): Promise<RawAnswer> {
  session.on("error", () => {});
  const stream = session.request({
    ":method": "POST",
    ":path": "/test.Echo/Unary",
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  let received: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  stream.on("response", (answer) => (received = answer));
  stream.on("trailers", (end) => (trailers = end));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", () => {});
  for (const piece of body) stream.write(piece);
  stream.end();
  await new Promise((resolve) => stream.once("close", resolve));
  session.close();
  const status = (trailers["grpc-status"] ?? received["grpc-status"]) as string | undefined;
  return { headers: received, trailers, status, body: Buffer.concat(chunks), reset: stream.rstCode };
}
