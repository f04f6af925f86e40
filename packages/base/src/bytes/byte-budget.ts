/** Bytes that many may hold together: what one has taken, no other can. */
export class ByteBudget {
  private readonly most: number;
  private taken = 0;

  constructor(most: number) {
    this.most = most;
  }

  get used(): number {
    return this.taken;
  }

  /** Reserves bytes; false when there is no room. */
  take(bytes: number): boolean {
    if (this.taken + bytes > this.most) return false;
    this.taken += bytes;
    return true;
  }

  /** Gives reserved bytes back. */
  give(bytes: number): void {
    this.taken -= bytes;
  }
}
