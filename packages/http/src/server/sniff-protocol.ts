import type { Socket } from "node:net";

/** How every HTTP/2 connection begins, RFC 9113 section 3.4. */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** What the first bytes of a connection say that it speaks; undefined when they may still be either. */
export function protocolOf(first: Uint8Array): "h2" | "http/1.1" | undefined {
  const compared = Math.min(first.length, preface.length);
  for (let index = 0; index < compared; index += 1) if (first[index] !== preface[index]) return "http/1.1";
  return compared === preface.length ? "h2" : undefined;
}

/** Calls back once it is known what a new connection speaks; what was read of it is put back. `onEnd` is called instead when it ends before that. Returns how to stop looking. */
export function sniffProtocol(socket: Socket, found: (protocol: "h2" | "http/1.1") => void, onEnd: () => void): () => void {
  let first: Buffer = Buffer.alloc(0);
  const onReadable = () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
    const protocol = protocolOf(first);
    if (protocol === undefined) return;
    stop();
    socket.unshift(first);
    found(protocol);
  };
  const onGone = () => {
    stop();
    onEnd();
  };
  const stop = () => {
    socket.off("readable", onReadable).off("end", onGone).off("error", onGone).off("close", onGone);
  };
  socket.on("readable", onReadable).on("end", onGone).on("error", onGone).on("close", onGone);
  return stop;
}
