import type { InferRequest, ModelSignature } from "@slipway/protocol";

/** What decides whether requests may go through a model together. */
export interface BatchKey {
  /** Requests with the same key may share a batch. */
  readonly key: string;
  /** Rows of the request; undefined when it goes alone: its inputs have no rows, or not the same number. */
  readonly rows: number | undefined;
}

/** Tells requests that differ in axis 0 alone, and want the same outputs, from others. */
export function batchKeys(signature: ModelSignature): (request: InferRequest) => BatchKey {
  // Where every other size is fixed, the request was checked for it, and there is nothing to tell apart.
  const ragged = signature.inputs.some(({ shape }) => shape.slice(1).includes(-1));
  return ({ inputs, outputs }) => {
    const rows = inputs[0]?.shape[0];
    let key = outputs === undefined ? "" : outputs.join("\0");
    let same = rows !== undefined && rows > 0;
    for (const { shape } of inputs) {
      if (shape[0] !== rows) same = false;
      if (ragged) key += `|${shape.slice(1).join(",")}`;
    }
    return { key, rows: same ? rows : undefined };
  };
}
