/** Where an item lies in a {@link Bag}; -1 once it has been taken out. */
export interface Place<Item> {
  readonly item: Item;
  index: number;
}

/**
 * Items that come and go by the ten thousand each second, in no order. A `Set` does the same, but each time its table is full it leaves
 * one behind that holds what was in it, and the next table, until the old generation is collected: every scavenge then copies thousands
 * of requests that were answered long ago. What has left a bag is garbage at once.
 */
export class Bag<Item> {
  private readonly places: Place<Item>[] = [];

  get size(): number {
    return this.places.length;
  }

  add(item: Item): Place<Item> {
    const place = { item, index: this.places.length };
    this.places.push(place);
    return place;
  }

  /** False when it has been taken out before. */
  remove(place: Place<Item>): boolean {
    const { index } = place;
    if (index === -1) return false;
    place.index = -1;
    const last = this.places.pop()!;
    if (last !== place) {
      last.index = index;
      this.places[index] = last;
    }
    return true;
  }

  /** Takes everything out. */
  clear(): void {
    for (const place of this.places.splice(0)) place.index = -1;
  }

  /** The items as they are now, whatever comes and goes meanwhile. */
  items(): Item[] {
    return this.places.map(({ item }) => item);
  }
}
