import type { BytesData, Tensor, TensorData } from "@slipway/protocol";

/** Rows `from` to `to` of a tensor's first axis, as a view. */
export function sliceRows(tensor: Tensor, from: number, to: number): Tensor {
  const [rows = 0, ...rest] = tensor.shape;
  if (from === 0 && to === rows) return tensor;
  const { data } = tensor;
  const each = rows === 0 ? 0 : data.length / rows;
  const part: TensorData = ArrayBuffer.isView(data)
    ? data.subarray(from * each, to * each)
    : (data as BytesData).slice(from * each, to * each);
  return { name: tensor.name, datatype: tensor.datatype, shape: [to - from, ...rest], data: part };
}
