import { SlipwayError } from "@slipway/base";
import { type Digest, isDigest } from "./digest.ts";

/** A document of a bundle that is not what its digest's owner should have written; `what` ends the sentence. */
export function damaged(what: string): SlipwayError {
  return new SlipwayError("invalid", `The bundle is not valid: ${what}.`, {
    hint: "Build it again from its model directory with this version of Slipway.",
  });
}

/** A JSON document, decoded step by step; every step throws {@link damaged}, or another fault, with the place. */
export class Decoder {
  readonly value: unknown;
  readonly place: string;
  readonly fault: typeof damaged;

  constructor(value: unknown, place: string, fault = damaged) {
    this.value = value;
    this.place = place;
    this.fault = fault;
  }

  static parse(bytes: Buffer, place: string, fault = damaged): Decoder {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString("utf8"));
    } catch {
      throw fault(`its ${place} is not JSON`);
    }
    return new Decoder(value, place, fault);
  }

  get(key: string): Decoder {
    const { value } = this;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key))
      throw this.fault(`${this.place}.${key} is missing`);
    return new Decoder((value as Record<string, unknown>)[key], `${this.place}.${key}`, this.fault);
  }

  /** The value of a key that may be missing; null counts as missing. */
  optional(key: string): Decoder | undefined {
    const { value } = this;
    const there = typeof value === "object" && value !== null && Object.hasOwn(value, key);
    const found = there ? (value as Record<string, unknown>)[key] : undefined;
    return found === undefined || found === null ? undefined : this.get(key);
  }

  list(limit: number): Decoder[] {
    if (!Array.isArray(this.value)) throw this.fault(`${this.place} is not a list`);
    if (this.value.length > limit) throw this.fault(`${this.place} has more than ${limit} entries`);
    return this.value.map((item, i) => new Decoder(item, `${this.place}[${i}]`, this.fault));
  }

  text(): string {
    if (typeof this.value !== "string") throw this.fault(`${this.place} is not text`);
    return this.value;
  }

  flag(): boolean {
    if (typeof this.value !== "boolean") throw this.fault(`${this.place} is neither true nor false`);
    return this.value;
  }

  size(limit = Number.MAX_SAFE_INTEGER): number {
    if (!Number.isSafeInteger(this.value) || (this.value as number) < 0) throw this.fault(`${this.place} is not a size`);
    if ((this.value as number) > limit) throw this.fault(`${this.place} is above ${limit}`);
    return this.value as number;
  }

  digest(): Digest {
    if (!isDigest(this.value)) throw this.fault(`${this.place} is not a sha256 digest`);
    return this.value;
  }

  is<T extends string | number>(...allowed: readonly T[]): T {
    if (!allowed.includes(this.value as T))
      throw this.fault(`${this.place} is not ${allowed.map((one) => JSON.stringify(one)).join(" or ")}`);
    return this.value as T;
  }

  /** Refuses a document with anything in it that the decoder did not look at: extra fields, other order, white space, duplicates. */
  static demandCanonical(bytes: Buffer, encoded: Buffer, place: string): void {
    if (!bytes.equals(encoded)) throw damaged(`its ${place} has fields or a form that this version of Slipway does not know`);
  }
}
