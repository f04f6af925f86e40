import { SlipwayError } from "@slipway/base";
import { binaryData } from "../../oip/binary-data.ts";
import type { InferResponse } from "../../oip/infer-messages.ts";
import type { BytesData, Tensor } from "../../oip/tensor.ts";
import { modelInferResponse, type OutputTensor } from "../messages/inference-messages.ts";
import { writable } from "../proto/number-list.ts";
import { contentsField } from "./read-contents.ts";

/** Raw tensors of up to so many bytes together are copied into the message: that is cheaper than pieces of their own. */
const smallBytes = 4_096;

/**
 * The bytes of a `ModelInferResponse`, tensors uncopied. Its outputs are raw when that is asked for, or when one of them has no typed contents: all are of one
 * kind, because clients read either. Throws `internal` when they are more than `limit`.
 */
export function renderGrpcResponse(
  response: InferResponse,
  raw: boolean,
  limit: number,
): { readonly pieces: readonly Uint8Array[]; readonly size: number } {
  const { modelName, modelVersion, id, outputs } = response;
  const isRaw = raw || outputs.some(({ datatype }) => contentsField[datatype] === undefined);
  const contents = isRaw ? outputs.map((tensor) => binaryData(tensor)) : [];
  const isSmall = sizeOf(contents) <= smallBytes;
  const message = modelInferResponse.encode({
    modelName,
    modelVersion,
    id,
    outputs: outputs.map((tensor): OutputTensor => {
      const { name, datatype, shape } = tensor;
      return { name, datatype, shape, ...(isRaw ? {} : { contents: typedContents(tensor) }) };
    }),
    ...(isSmall ? { rawOutputContents: contents } : {}),
  });
  // Fields may come in any order: what is large follows as it is.
  const large = isSmall ? [] : contents.flatMap((bytes) => [modelInferResponse.prefix("rawOutputContents", bytes.length), bytes]);
  const pieces = [message, ...large];
  const size = sizeOf(pieces);
  if (size <= limit) return { pieces, size };
  throw new SlipwayError("internal", `The model output is larger than the limit of ${limit} bytes.`, {
    hint: "Ask for fewer outputs or a smaller batch.",
  });
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function typedContents({ datatype, data }: Tensor): NonNullable<OutputTensor["contents"]> {
  if (datatype !== "BYTES") return { [contentsField[datatype]!]: writable(data) };
  const elements = data as BytesData;
  return { bytesContents: elements.map((element) => (typeof element === "string" ? Buffer.from(element, "utf8") : element)) };
}
