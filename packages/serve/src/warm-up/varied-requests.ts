import { seededRandom } from "@slipway/base";
import { datatypes, elementCount, type InferRequest, type ModelSignature, type Tensor, type TensorData } from "@slipway/protocol";

/** Floats that spread through everything they are computed with. Which of them a model meets depends on its own limits. */
const hostileFloats = [Number.NaN, Number.POSITIVE_INFINITY, 60_000, Number.NEGATIVE_INFINITY, -60_000];

/** Made-up requests of one row that differ in their values, for a model without samples; every other free dimension has `free` elements. Whole numbers are 0 and 1, which most models take. */
export function variedRequests(signature: ModelSignature, free: number): InferRequest[] {
  const next = seededRandom(1);
  return [0, 1, 2].map(() => ({
    inputs: signature.inputs.map(({ name, datatype, shape }): Tensor => {
      const sizes = shape.map((size, axis) => (size !== -1 ? size : axis === 0 ? 1 : free));
      const row = datatypes[datatype];
      const count = elementCount(sizes);
      if (row.kind === "bytes")
        return { name, datatype, shape: sizes, data: Array.from({ length: count }, () => `${Math.floor(next() * 10)}`) };
      const data = row.create(count);
      for (let index = 0; index < count; index += 1) {
        const value = next();
        if (row.kind === "float") data[index] = datatype === "BF16" ? 0 : value * 2 - 1;
        else data[index] = (row.kind === "long" ? BigInt(Math.round(value)) : Math.round(value)) as never;
      }
      return { name, datatype, shape: sizes, data };
    }),
  }));
}

/** The same request with its values in other places: other values that the model takes as well. */
export function rotated(request: InferRequest, by: number): InferRequest {
  return {
    ...request,
    inputs: request.inputs.map((tensor) => {
      const at = by % Math.max(1, tensor.data.length);
      return { ...tensor, data: joined(tensor.data, at) };
    }),
  };
}

/** A request of the same shapes whose floats would spoil every row that they reach. */
export function hostile(request: InferRequest, turn: number): InferRequest {
  return {
    ...request,
    inputs: request.inputs.map((tensor) => {
      const row = datatypes[tensor.datatype];
      if (row.kind !== "float" || tensor.datatype === "BF16")
        return { ...tensor, data: joined(tensor.data, (turn + 1) % Math.max(1, tensor.data.length)) };
      const data = row.create(tensor.data.length);
      data.fill(hostileFloats[turn % hostileFloats.length] as never);
      return { ...tensor, data };
    }),
  };
}

function joined(data: TensorData, at: number): TensorData {
  if (!ArrayBuffer.isView(data)) return [...data.slice(at), ...data.slice(0, at)];
  const turned = data.slice();
  (turned as Uint8Array).set(data.subarray(at) as Uint8Array, 0);
  (turned as Uint8Array).set(data.subarray(0, at) as Uint8Array, data.length - at);
  return turned;
}
