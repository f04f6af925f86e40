import { SlipwayError } from "@slipway/base";
import { binaryData } from "../../oip/binary-data.ts";
import type { NumericData } from "../../oip/datatype.ts";
import type { InferResponse } from "../../oip/infer-messages.ts";
import type { BytesData, Tensor } from "../../oip/tensor.ts";
import { modelInferResponse } from "../files/inference-proto.ts";
import { encodePieces } from "../schema/encode-message.ts";
import { contentsField } from "./read-contents.ts";

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
  const message = encodePieces(modelInferResponse, {
    modelName,
    modelVersion: modelVersion ?? "",
    id: id ?? "",
    outputs: outputs.map((tensor) => ({
      name: tensor.name,
      datatype: tensor.datatype,
      shape: BigInt64Array.from(tensor.shape, BigInt),
      ...(isRaw ? {} : { contents: typedContents(tensor) }),
    })),
    ...(isRaw ? { rawOutputContents: outputs.map((tensor) => binaryData(tensor)) } : {}),
  });
  if (message.size <= limit) return message;
  throw new SlipwayError("internal", `The model output is larger than the limit of ${limit} bytes.`, {
    hint: "Ask for fewer outputs or a smaller batch.",
  });
}

function typedContents({ datatype, data }: Tensor) {
  switch (datatype) {
    case "BYTES":
      return {
        bytesContents: (data as BytesData).map((element) =>
          typeof element === "string" ? Buffer.from(element, "utf8") : element,
        ),
      };
    case "INT8":
    case "INT16":
      return { intContents: Int32Array.from(data as Int8Array) };
    case "UINT8":
    case "UINT16":
      return { uintContents: Uint32Array.from(data as Uint8Array) };
    default:
      return { [contentsField[datatype]!]: data as NumericData };
  }
}
