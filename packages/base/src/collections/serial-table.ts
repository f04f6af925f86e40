/** A power of two: as many values as are mostly there at a time, and more. */
const slots = 256;

/** Values by numbers that grow, such as those of requests on a connection; what `Map` does, without what that leaves to the garbage collector: see `Bag`. */
export class SerialTable<Value> {
  private readonly numbers = new Float64Array(slots).fill(-1);
  private readonly values = new Array<Value | undefined>(slots).fill(undefined);
  /** Those whose slot was taken by a value that has stayed for long. */
  private readonly others = new Map<number, Value>();
  private inSlots = 0;

  get size(): number {
    return this.inSlots + this.others.size;
  }

  get(number: number): Value | undefined {
    const slot = number & (slots - 1);
    return this.numbers[slot] === number ? this.values[slot] : this.others.get(number);
  }

  /** The number must not be there. */
  set(number: number, value: Value): void {
    const slot = number & (slots - 1);
    if (this.numbers[slot] !== -1) {
      this.others.set(number, value);
      return;
    }
    this.numbers[slot] = number;
    this.values[slot] = value;
    this.inSlots += 1;
  }

  /** Whether it was there. */
  delete(number: number): boolean {
    const slot = number & (slots - 1);
    if (this.numbers[slot] !== number) return this.others.delete(number);
    this.numbers[slot] = -1;
    this.values[slot] = undefined;
    this.inSlots -= 1;
    return true;
  }

  clear(): void {
    this.numbers.fill(-1);
    this.values.fill(undefined);
    this.others.clear();
    this.inSlots = 0;
  }

  /** All values as they are now. */
  all(): Value[] {
    const all = [...this.others.values()];
    for (let slot = 0; slot < slots; slot += 1) if (this.numbers[slot] !== -1) all.push(this.values[slot] as Value);
    return all;
  }
}
