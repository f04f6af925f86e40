import { SlipwayError } from "@slipway/base";

/** What a reader still allows its peer to send: shrinks as bytes come, grows again in steps as they are taken. */
export class ReceiveWindow {
  private readonly size: number;
  private left: number;
  private taken = 0;

  constructor(size: number) {
    this.size = size;
    this.left = size;
  }

  /** Bytes came. Throws `badRequest` when the peer sent more than it was allowed. */
  receive(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw new SlipwayError("badRequest", "The peer sent more than its credit.");
  }

  /** Bytes were taken by the reader. Returns the credit to send now; 0 while half a window has not come together. */
  take(bytes: number): number {
    this.taken += bytes;
    if (this.taken * 2 < this.size) return 0;
    const credit = this.taken;
    this.taken = 0;
    this.left += credit;
    return credit;
  }
}
