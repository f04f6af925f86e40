import type { BytesData, Tensor } from "@slipway/protocol";

/** Bytes of the data of tensors; of texts, about. */
export function tensorBytes(tensors: readonly Tensor[]): number {
  let bytes = 0;
  for (const { data } of tensors) {
    if (ArrayBuffer.isView(data)) bytes += data.byteLength;
    else for (const element of data as BytesData) bytes += element.length;
  }
  return bytes;
}
