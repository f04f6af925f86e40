import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { frameFlag, frameHeaderBytes, frameType, headBytes } from "./frame-format.ts";
import type { FrameRequestHead, FrameResponseHead } from "./frame-heads.ts";
import { encodeResponseHead } from "./head-codec.ts";
import { RequestHeadWriter } from "./repeated-heads.ts";

/** Frames of a tick share slabs of this size, so many small ones are one write: 64 requests of a kilobyte each. */
const slabBytes = 128 * 1024;

/** Data up to this size is copied beside its head; larger data is written where it lies. */
const copyBytes = 4 * 1024;

/** Above this many bytes unwritten, bodies wait. */
const congestedBytes = 256 * 1024;

/**
 * Encodes frames and writes what one turn of the event loop produced at once. Bodies must look at {@link congested} first; heads and
 * control frames are always taken, because the number of streams bounds them.
 */
export class FrameWriter {
  /** The last request whose head was given to the socket: those after it cannot have begun. */
  lastRequestWritten = 0;
  private lastRequestQueued = 0;
  private readonly heads = new RequestHeadWriter();
  private readonly socket: Duplex;
  private readonly onWritable: () => void;
  private slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  private slabStart = 0;
  private slabEnd = 0;
  private chunks: Uint8Array[] = [];
  private queued = 0;
  private scheduled = false;
  private blocked = false;

  /** `onWritable` is called when bodies may go on after {@link congested} was true. */
  constructor(socket: Duplex, onWritable: () => void) {
    this.socket = socket;
    this.onWritable = onWritable;
    socket.on("drain", () => {
      this.blocked = false;
      onWritable();
    });
  }

  /** Whether bodies should wait for the socket. */
  get congested(): boolean {
    return this.blocked || this.queued >= congestedBytes;
  }

  /** Bytes as they are: the preface. */
  raw(bytes: Uint8Array): void {
    this.seal();
    this.chunks.push(bytes);
    this.queued += bytes.length;
    this.schedule();
  }

  /** A request head. Throws when it does not fit a frame; nothing is sent then. */
  request(stream: number, head: FrameRequestHead, end: boolean): void {
    this.reserve(frameHeaderBytes + headBytes);
    const next = this.heads.write(this.slab, this.slabEnd + frameHeaderBytes, head);
    this.header(next - this.slabEnd - frameHeaderBytes, frameType.request, end ? frameFlag.end : 0, stream);
    this.slabEnd = next;
    this.lastRequestQueued = stream;
  }

  /** A response head. Throws when it does not fit a frame; nothing is sent then. */
  response(stream: number, head: FrameResponseHead, end: boolean): void {
    this.reserve(frameHeaderBytes + headBytes);
    const next = encodeResponseHead(this.slab, this.slabEnd + frameHeaderBytes, head);
    this.header(next - this.slabEnd - frameHeaderBytes, frameType.response, end ? frameFlag.end : 0, stream);
    this.slabEnd = next;
  }

  /** At most 64 KiB of a body. The bytes must not change until they are written. */
  data(stream: number, bytes: Uint8Array, end: boolean): void {
    const flags = end ? frameFlag.end : 0;
    if (bytes.length <= copyBytes) {
      this.small(frameType.data, flags, stream, bytes);
      return;
    }
    this.reserve(frameHeaderBytes);
    this.header(bytes.length, frameType.data, flags, stream);
    this.slabEnd += frameHeaderBytes;
    this.seal();
    this.chunks.push(bytes);
    this.queued += bytes.length;
  }

  /** A frame whose payload is one number: credit, go-away. */
  number(type: number, stream: number, value: number): void {
    this.reserve(frameHeaderBytes + 4);
    this.header(4, type, 0, stream);
    this.slab.writeUInt32BE(value, this.slabEnd + frameHeaderBytes);
    this.slabEnd += frameHeaderBytes + 4;
  }

  /** A frame with a small payload. */
  small(type: number, flags: number, stream: number, payload: Uint8Array): void {
    this.reserve(frameHeaderBytes + payload.length);
    this.header(payload.length, type, flags, stream);
    this.slab.set(payload, this.slabEnd + frameHeaderBytes);
    this.slabEnd += frameHeaderBytes + payload.length;
  }

  /** Writes everything now. */
  flush(): void {
    this.scheduled = false;
    this.seal();
    const { chunks, socket } = this;
    if (chunks.length === 0 || socket.destroyed || socket.writableEnded) return;
    const wasCongested = this.congested;
    this.chunks = [];
    this.queued = 0;
    this.lastRequestWritten = this.lastRequestQueued;
    socket.cork();
    for (const chunk of chunks) {
      if (!socket.write(chunk)) this.blocked = true;
    }
    socket.uncork();
    this.rewind();
    if (wasCongested && !this.blocked) this.onWritable();
  }

  /** What the kernel has copied may be written over. Other streams may hand on the very bytes they got. */
  private rewind(): void {
    const { socket } = this;
    if (!(socket instanceof Socket) || socket.writableLength > 0 || this.chunks.length > 0 || this.slabEnd !== this.slabStart)
      return;
    this.slabStart = 0;
    this.slabEnd = 0;
  }

  private header(length: number, type: number, flags: number, stream: number): void {
    const { slab, slabEnd } = this;
    slab.writeUInt32BE(length, slabEnd);
    slab[slabEnd + 4] = type;
    slab[slabEnd + 5] = flags;
    slab.writeUInt32BE(stream, slabEnd + 6);
    this.schedule();
  }

  private reserve(bytes: number): void {
    if (this.slab.length - this.slabEnd >= bytes) return;
    this.seal();
    this.slab = Buffer.allocUnsafeSlow(slabBytes);
    this.slabStart = 0;
    this.slabEnd = 0;
  }

  /** Moves what the slab has to the chunks to write. The slab's rest stays in use: what was not written yet is never touched again. */
  private seal(): void {
    if (this.slabEnd === this.slabStart) return;
    this.chunks.push(this.slab.subarray(this.slabStart, this.slabEnd));
    this.queued += this.slabEnd - this.slabStart;
    this.slabStart = this.slabEnd;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // The check phase comes after all sockets of this turn were read: their frames leave together.
    setImmediate(() => this.flush());
  }
}
