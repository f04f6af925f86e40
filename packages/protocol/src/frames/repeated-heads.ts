import type { FrameHeaders, FrameRequestHead, FrameResponseHead } from "./frame-heads.ts";
import { decodeRequestHead, decodeResponseHead, encodeRequestHead, writeDeadline } from "./head-codec.ts";

/** Heads up to this size are remembered. */
const mostBytes = 1024;
/** The deadline comes first in a request head. */
const deadlineBytes = 4;

/** The bytes that came last, to compare the next with. */
class LastBytes {
  private readonly bytes = Buffer.allocUnsafe(mostBytes);
  private length = -1;

  are(bytes: Buffer, from: number): boolean {
    return bytes.length - from === this.length && bytes.compare(this.bytes, 0, this.length, from) === 0;
  }

  set(bytes: Buffer, from: number, to: number): boolean {
    this.length = to - from <= mostBytes ? to - from : -1;
    if (this.length !== -1) bytes.copy(this.bytes, 0, from, to);
    return this.length !== -1;
  }

  write(target: Buffer, offset: number): number {
    return offset + this.bytes.copy(target, offset, 0, this.length);
  }
}

/** Encodes request heads of a connection; one that is as the last one but for its deadline costs a copy. */
export class RequestHeadWriter {
  private readonly bytes = new LastBytes();
  private last: FrameRequestHead | undefined;

  /** As {@link encodeRequestHead}. */
  write(target: Buffer, offset: number, head: FrameRequestHead): number {
    if (this.last !== undefined && isRepeated(head, this.last)) {
      writeDeadline(target, offset, head.deadline);
      return this.bytes.write(target, offset + deadlineBytes);
    }
    const end = encodeRequestHead(target, offset, head);
    this.last = this.bytes.set(target, offset + deadlineBytes, end) ? head : undefined;
    return end;
  }
}

/** Decodes request heads of a connection; what repeats itself is decoded once. */
export class RequestHeadReader {
  private readonly bytes = new LastBytes();
  private last: FrameRequestHead | undefined;

  /** As {@link decodeRequestHead}. */
  read(payload: Buffer): FrameRequestHead {
    const { last } = this;
    if (last === undefined || payload.length <= deadlineBytes || !this.bytes.are(payload, deadlineBytes)) {
      const head = decodeRequestHead(payload);
      this.last = this.bytes.set(payload, deadlineBytes, payload.length) ? head : undefined;
      return head;
    }
    const deadline = payload.readUInt32BE(0);
    if (deadline === last.deadline) return last;
    const { namespace, model, revision, method, path, headers } = last;
    return { namespace, model, revision, method, path, deadline, headers };
  }
}

/** Decodes response heads of a connection; what repeats itself is decoded once, and is the same object. */
export class ResponseHeadReader {
  private readonly bytes = new LastBytes();
  private last: FrameResponseHead | undefined;

  /** As {@link decodeResponseHead}. */
  read(payload: Buffer): FrameResponseHead {
    if (this.last !== undefined && this.bytes.are(payload, 0)) return this.last;
    const head = decodeResponseHead(payload);
    this.last = this.bytes.set(payload, 0, payload.length) ? head : undefined;
    return head;
  }
}

function isRepeated(head: FrameRequestHead, last: FrameRequestHead): boolean {
  return (
    head.model === last.model &&
    head.revision === last.revision &&
    head.path === last.path &&
    head.namespace === last.namespace &&
    head.method === last.method &&
    areSame(head.headers, last.headers)
  );
}

function areSame(headers: FrameHeaders, last: FrameHeaders): boolean {
  if (headers === last) return true;
  let count = 0;
  for (const name in headers) {
    if (headers[name] !== last[name]) return false;
    count += 1;
  }
  for (const _ in last) count -= 1;
  return count === 0;
}
