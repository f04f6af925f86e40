import { refuseDuplicateFields } from "./duplicate-fields.ts";
import { parseJson } from "./parse-json.ts";

/** Longer heads are rare, and parsing is then not what they cost most. */
const mostBytes = 1024;

/**
 * Parses the JSON in front of binary data, and remembers the last one: a client that sends tensors of one shape sends the same bytes each
 * time. Throws `badRequest` as `parseJson` does, and for a field that is there twice. The value is shared, so nobody may change it.
 */
export class RepeatedHead {
  private bytes: Buffer | undefined;
  private value: unknown;

  parse(bytes: Uint8Array, what: string): unknown {
    if (this.bytes?.equals(bytes)) return this.value;
    const value = parseJson(bytes, what);
    refuseDuplicateFields(bytes, value, what);
    if (bytes.length <= mostBytes) {
      this.bytes = Buffer.from(bytes);
      this.value = value;
    }
    return value;
  }
}
