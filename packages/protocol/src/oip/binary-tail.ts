import { SlipwayError } from "@slipway/base";
import { shown } from "./json-object.ts";

/** The binary data after the JSON of a request, given out tensor by tensor in the order of the inputs. */
export class BinaryTail {
  private readonly body: Uint8Array;
  private readonly start: number;
  private at: number;

  /** `start` is where the JSON ends. */
  constructor(body: Uint8Array, start: number) {
    this.body = body;
    this.start = start;
    this.at = start;
  }

  /** The next `size` bytes, for the tensor named by `where`. Throws `badRequest` when `size` is none, or more than there is. */
  take(size: unknown, where: string): Uint8Array {
    if (!Number.isSafeInteger(size) || (size as number) < 0) {
      throw new SlipwayError(
        "badRequest",
        `${where}.parameters.binary_data_size must be a whole number from 0 up, not ${shown(size)}.`,
      );
    }
    const left = this.body.length - this.at;
    if ((size as number) > left) {
      throw new SlipwayError(
        "badRequest",
        `${where}: binary_data_size is ${size}, but ${left} bytes are left of the ${this.body.length - this.start} after the JSON.`,
        { hint: "The binary data of the inputs comes in their order, without gaps." },
      );
    }
    const bytes = this.body.subarray(this.at, this.at + (size as number));
    this.at += size as number;
    return bytes;
  }

  /** Throws `badRequest` when bytes are left that belong to no tensor. */
  end(): void {
    const left = this.body.length - this.at;
    if (left === 0) return;
    throw new SlipwayError("badRequest", `${left} bytes of the request body belong to no input.`, {
      hint: 'Each input with binary data says how much, in "parameters": {"binary_data_size": …}.',
    });
  }
}
