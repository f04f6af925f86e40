import type { Signature, TensorSpec } from "@slipway/spec";
import { type Datatype, datatypes } from "@slipway/spec/values";

/** The signature that golden samples show: what is in all of them, each axis free that differs between them, and the first always. Undefined when they do not show both inputs and outputs in one form. */
export function samplesSignature(samples: readonly unknown[]): Signature | undefined {
  const inputs = common(samples.map((sample) => tensorsOf(sample, "request", "inputs")));
  const answered = samples.filter((sample) => typeof sample === "object" && sample !== null && Object.hasOwn(sample, "response"));
  const outputs = common(answered.map((sample) => tensorsOf(sample, "response", "outputs")));
  return inputs === undefined || outputs === undefined ? undefined : { inputs, outputs };
}

function tensorsOf(sample: unknown, part: "request" | "response", list: "inputs" | "outputs"): TensorSpec[] | undefined {
  const tensors = (sample as Record<string, Record<string, unknown>> | null)?.[part]?.[list];
  if (!Array.isArray(tensors) || tensors.length === 0) return undefined;
  const specs: TensorSpec[] = [];
  for (const tensor of tensors as Record<string, unknown>[]) {
    const { name, datatype, shape } = tensor ?? {};
    const known = typeof name === "string" && datatypes.includes(datatype as Datatype);
    if (!known || !Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined;
    specs.push({ name, datatype: datatype as Datatype, shape: shape as number[] });
  }
  return specs;
}

function common(all: readonly (readonly TensorSpec[] | undefined)[]): TensorSpec[] | undefined {
  const [first, ...others] = all;
  if (first === undefined) return undefined;
  const merged = first.map(({ name, datatype, shape }) => ({
    name,
    datatype,
    shape: shape.map((size, axis) => (axis === 0 ? -1 : size)),
  }));
  for (const other of others) {
    if (other?.length !== merged.length) return undefined;
    for (const spec of merged) {
      const twin = other.find(({ name }) => name === spec.name);
      if (twin?.datatype !== spec.datatype || twin.shape.length !== spec.shape.length) return undefined;
      spec.shape = spec.shape.map((size, axis) => (size === twin.shape[axis] ? size : -1));
    }
  }
  return merged;
}
